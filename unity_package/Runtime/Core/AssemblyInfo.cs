using System.Runtime.CompilerServices;

[assembly: InternalsVisibleTo("Rigcast.Core.Tests")]
