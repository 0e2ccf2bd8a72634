using System.Collections.Generic;

namespace Rigcast.Core
{
    /// <summary>A bounded buffer of events in order of session time.</summary>
    /// <remarks>Not thread-safe.</remarks>
    public sealed class EventBuffer
    {
        /// <summary>A second of speech has about 20; when full, the oldest give way.</summary>
        const int Capacity = 1024;

        readonly List<PerformanceEvent> _events = new List<PerformanceEvent>(Capacity);

        public int Count
        {
            get { return _events.Count; }
        }

        /// <summary>Take one in, behind those of the same time.</summary>
        public void Insert(PerformanceEvent item)
        {
            if (_events.Count == Capacity) _events.RemoveAt(0);
            var at = _events.Count;
            while (at > 0 && _events[at - 1].TimeUs > item.TimeUs) at--;
            _events.Insert(at, item);
        }

        /// <summary>Drop all at or after this session time, microseconds.</summary>
        public void Forget(long timeUs)
        {
            while (_events.Count > 0 && _events[_events.Count - 1].TimeUs >= timeUs) _events.RemoveAt(_events.Count - 1);
        }

        /// <summary>Take out the next event at or before this session time; false when there is none.</summary>
        public bool TryTake(long timeUs, out PerformanceEvent item)
        {
            item = default(PerformanceEvent);
            if (_events.Count == 0 || _events[0].TimeUs > timeUs) return false;
            item = _events[0];
            _events.RemoveAt(0);
            return true;
        }

        public void Clear()
        {
            _events.Clear();
        }
    }
}
