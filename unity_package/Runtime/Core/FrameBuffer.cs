namespace Rigcast.Core
{
    /// <summary>A bounded buffer of poses in order of session time, and the pose at any instant between them.</summary>
    /// <remarks>Not thread-safe. After it has been made it allocates nothing.</remarks>
    public sealed class FrameBuffer
    {
        /// <summary>8.5 s at 60 frames a second: more than any lead and delay together.</summary>
        const int Capacity = 512;

        // A ring: the i-th pose in order of time is _ring[(_first + i) % Capacity].
        readonly Pose[] _ring = new Pose[Capacity];
        int _first;

        public FrameBuffer(Rig rig)
        {
            for (var i = 0; i < Capacity; i++) _ring[i] = rig.NewPose();
        }

        public int Count { get; private set; }

        /// <summary>Session time of the last pose, microseconds; long.MinValue when there is none.</summary>
        public long EndUs
        {
            get { return Count == 0 ? long.MinValue : At(Count - 1).TimeUs; }
        }

        /// <summary>Take a copy of a pose in. One of the same time is replaced; when full, the oldest gives way.</summary>
        public void Insert(Pose pose)
        {
            var at = After(pose.TimeUs);
            if (at > 0 && At(at - 1).TimeUs == pose.TimeUs)
            {
                At(at - 1).Set(pose);
                return;
            }
            if (Count == Capacity)
            {
                if (at == 0) return;
                DropFirst();
                at--;
            }
            var spare = At(Count++);
            for (var i = Count - 1; i > at; i--) Put(i, At(i - 1));
            Put(at, spare);
            spare.Set(pose);
        }

        /// <summary>Drop all at or after this session time.</summary>
        public void Forget(long timeUs)
        {
            while (Count > 0 && At(Count - 1).TimeUs >= timeUs) Count--;
        }

        /// <summary>Drop what is older than this session time, but for the one pose that holds there.</summary>
        public void Prune(long timeUs)
        {
            while (Count > 1 && At(1).TimeUs <= timeUs) DropFirst();
        }

        /// <summary>The pose at a session time, the first and last being held beyond the ends; false when there is none.</summary>
        public bool Sample(long timeUs, Pose into)
        {
            if (Count == 0) return false;
            var at = After(timeUs);
            if (at == 0 || at == Count)
            {
                into.Set(At(at == 0 ? 0 : Count - 1));
                return true;
            }
            Pose before = At(at - 1), after = At(at);
            into.Blend(before, after, (float)((double)(timeUs - before.TimeUs) / (after.TimeUs - before.TimeUs)));
            return true;
        }

        /// <summary>Index of the first pose later than a time.</summary>
        int After(long timeUs)
        {
            int low = 0, high = Count;
            while (low < high)
            {
                var middle = (low + high) / 2;
                if (At(middle).TimeUs > timeUs) high = middle;
                else low = middle + 1;
            }
            return low;
        }

        Pose At(int i)
        {
            return _ring[(_first + i) % Capacity];
        }

        void Put(int i, Pose pose)
        {
            _ring[(_first + i) % Capacity] = pose;
        }

        void DropFirst()
        {
            _first = (_first + 1) % Capacity;
            Count--;
        }
    }
}
