using System.Collections.Generic;
using System.IO;
using System.Runtime.CompilerServices;
using NUnit.Framework;

namespace Rigcast.Core.Tests
{
    /// <summary>Files of the repository that all engines' cores are tested on. Outside a checkout those tests are ignored.</summary>
    static class Shared
    {
        /// <summary>Where a file of the repository's `proto` folder lies.</summary>
        public static string Path(string name)
        {
            var path = System.IO.Path.Combine(Root(), "proto", name);
            if (!File.Exists(path)) Assert.Ignore("needs a checkout of the Rigcast repository: " + path + " is not there");
            return path;
        }

        public static object Json(string name)
        {
            return Tests.Json.Parse(File.ReadAllText(Path(name)));
        }

        public static byte[] Vector(string name)
        {
            return File.ReadAllBytes(Path(System.IO.Path.Combine("vectors", name + ".bin")));
        }

        /// <summary>The entries of the index of golden vectors with this direction and verdict.</summary>
        public static List<Dictionary<string, object>> Vectors(string direction, string verdict)
        {
            var found = new List<Dictionary<string, object>>();
            foreach (var item in Tests.Json.List(Json(System.IO.Path.Combine("vectors", "index.json"))))
            {
                var entry = Tests.Json.Object(item);
                if ((string)entry["direction"] == direction && (string)entry["verdict"] == verdict) found.Add(entry);
            }
            Assert.That(found, Is.Not.Empty);
            return found;
        }

        static string Root([CallerFilePath] string file = "")
        {
            return System.IO.Path.GetFullPath(System.IO.Path.Combine(file, "..", "..", "..", ".."));
        }
    }
}
