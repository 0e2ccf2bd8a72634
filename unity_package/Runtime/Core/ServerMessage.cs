using System;
using System.Collections.Generic;

namespace Rigcast.Core
{
    /// <summary>What a server's message holds.</summary>
    public enum Body
    {
        /// <summary>Nothing that this version knows: skip it.</summary>
        None,
        Welcome,
        Frame,
        Audio,
        Forget,
        Event,
        Dropped,
        Accepted,
        Pong,
        Error,
    }

    public enum EventKind
    {
        None,
        UtteranceStarted,
        UtteranceEnded,
        Phone,
        Word,
        EmotionChanged,
    }

    public enum EndReason
    {
        Unspecified,
        Finished,
        Interrupted,
        Failed,
    }

    public enum ErrorCode
    {
        Unspecified,
        InvalidArgument,
        FailedPrecondition,
        NotFound,
        ResourceExhausted,
        Unauthenticated,
        Unavailable,
        Internal,
        PermissionDenied,
    }

    /// <summary>Something that happens in the performance; act on it when the play-head is there.</summary>
    public struct PerformanceEvent
    {
        /// <summary>Session time, microseconds.</summary>
        public long TimeUs;

        public EventKind Kind;

        /// <summary>The text spoken, a phone in IPA, a word, an emotion's name, or why an utterance failed.</summary>
        public string Text;

        /// <summary>Of an utterance's start or end and of a word: the number that Accepted told.</summary>
        public uint Utterance;

        /// <summary>Of a phone, microseconds.</summary>
        public uint DurationUs;

        /// <summary>Of an emotion, from 0 (none) to 1 (full).</summary>
        public float Intensity;

        /// <summary>Of an utterance's end.</summary>
        public EndReason Reason;
    }

    /// <summary>What the server takes; see session.proto.</summary>
    public struct Limits
    {
        public uint TextCharacters, MessageBytes, Sessions, Subscribers, QueuedTexts;
    }

    /// <summary>The answer to Join.</summary>
    public sealed class Welcome
    {
        public string Protocol = "", Server = "", Session = "";
        public Rig Rig = new Rig();

        /// <summary>The session's present at the moment of sending, microseconds.</summary>
        public long NowUs;

        /// <summary>How far frames and sound run ahead of the present at most, microseconds.</summary>
        public uint LeadUs;

        public readonly List<string> Emotions = new List<string>();
        public Limits Limits;
    }

    /// <summary>A refusal.</summary>
    public struct Refusal
    {
        public uint RequestId;
        public ErrorCode Code;

        /// <summary>What was wrong and what to do, for people.</summary>
        public string Message;

        /// <summary>The field that was wrong ("say.text"); may be empty.</summary>
        public string Field;

        /// <summary>The limit that was exceeded; 0 if none was.</summary>
        public ulong Limit;
    }

    /// <summary>
    /// One message of the server, reused from message to message: only what belongs to <see cref="Body"/> means
    /// anything, and only until the next one is read into it.
    /// </summary>
    public sealed class ServerMessage
    {
        /// <summary>Samples of one chunk at most: 10 s at 24 kHz, far beyond what a server sends at once.</summary>
        public const int MostSamples = 240000;

        public Body Body;

        /// <summary>Session time of a chunk or a Forget, the present of a Pong: microseconds.</summary>
        public long TimeUs;

        /// <summary>Of an audio chunk.</summary>
        public uint Sequence;

        /// <summary>Of an Accepted or a Pong.</summary>
        public uint RequestId;

        /// <summary>Of an Accepted.</summary>
        public uint Utterance;

        /// <summary>Frames left out, of a Dropped.</summary>
        public uint DroppedFrames;

        /// <summary>Sound left out, microseconds, of a Dropped.</summary>
        public long DroppedAudioUs;

        /// <summary>Samples of an audio chunk: the first <see cref="SampleCount"/> count.</summary>
        public short[] Samples = new short[4096];

        public int SampleCount;
        public Welcome Welcome;
        public PerformanceEvent Event;
        public Refusal Refusal;

        /// <summary>Of a frame, packed or plain. What the frame left out is at rest.</summary>
        public Pose Pose = new Pose(52, 22);

        /// <summary>Forget everything and hold this body.</summary>
        public void Reset(Body body)
        {
            Body = body;
            TimeUs = DroppedAudioUs = 0;
            Sequence = RequestId = Utterance = DroppedFrames = 0;
            SampleCount = 0;
            Welcome = null;
            Event = new PerformanceEvent { Text = "" };
            Refusal = new Refusal { Message = "", Field = "" };
            if (body == Body.Frame) Pose.Rest();
        }
    }
}
