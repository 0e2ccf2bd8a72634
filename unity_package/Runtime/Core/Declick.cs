namespace Rigcast.Core
{
    /// <summary>
    /// Takes the click out of sound that breaks off, comes back or jumps: what was there dies away in about 2 ms, what
    /// comes fades in over as long.
    /// </summary>
    /// <remarks>Not thread-safe: the audio thread's. Allocates nothing.</remarks>
    sealed class Declick
    {
        /// <summary>Samples of a fade, and by how much what dies away shrinks from one to the next: to a thousandth.</summary>
        const int Fade = 96;
        const float Decay = 0.93f;

        float _tail;
        float _last;
        int _faded = Fade;
        bool _silent = true;

        /// <summary>Smooth a block of which the first `playing` samples play and the others are silent.</summary>
        /// <param name="jumped">The block does not go on where the one before ended.</param>
        public void Smooth(float[] block, int playing, int count, bool jumped)
        {
            if (playing > 0 && (jumped || _silent)) Break();
            for (var i = 0; i < playing; i++) block[i] = Next(block[i]);
            if (playing > 0) _silent = false;
            if (playing < count && !_silent) Break();
            for (var i = playing; i < count; i++) block[i] = Next(0);
            if (playing < count) _silent = true;
        }

        /// <summary>Here the sound breaks: its last sample begins to die away, what follows begins to fade in.</summary>
        void Break()
        {
            _tail = _last;
            _faded = 0;
        }

        float Next(float sample)
        {
            if (_faded == Fade) return _last = sample;
            _tail *= Decay;
            return _last = sample * (++_faded / (float)Fade) + _tail;
        }
    }
}
