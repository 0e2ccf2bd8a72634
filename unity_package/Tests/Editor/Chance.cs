namespace Rigcast.Core.Tests
{
    /// <summary>splitmix64, as proto/cases/README.md gives it.</summary>
    sealed class Chance
    {
        ulong _state;

        public Chance(ulong seed)
        {
            _state = seed;
        }

        /// <summary>Uniform in [0, 1).</summary>
        public double Uniform()
        {
            unchecked
            {
                _state += 0x9E3779B97F4A7C15;
                var z = _state;
                z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9;
                z = (z ^ z >> 27) * 0x94D049BB133111EB;
                z ^= z >> 31;
                return (z >> 11) * (1.0 / (1L << 53));
            }
        }

        /// <summary>A whole number from 0 to below `most`.</summary>
        public long Below(long most)
        {
            return (long)(Uniform() * most);
        }
    }
}
