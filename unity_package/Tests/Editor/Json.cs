using System;
using System.Collections.Generic;
using System.Globalization;
using System.Text;

namespace Rigcast.Core.Tests
{
    /// <summary>Just enough JSON to read the shared cases: objects, lists, strings, doubles, booleans, null.</summary>
    sealed class Json
    {
        readonly string _text;
        int _at;

        Json(string text)
        {
            _text = text;
        }

        public static object Parse(string text)
        {
            return new Json(text).Value();
        }

        public static Dictionary<string, object> Object(object value)
        {
            return (Dictionary<string, object>)value;
        }

        public static List<object> List(object value)
        {
            return (List<object>)value;
        }

        object Value()
        {
            Space();
            switch (_text[_at])
            {
                case '{': return ReadObject();
                case '[': return ReadList();
                case '"': return ReadString();
                default: return ReadWord();
            }
        }

        Dictionary<string, object> ReadObject()
        {
            var result = new Dictionary<string, object>();
            for (_at++; !Closes('}');)
            {
                var name = ReadString();
                Space();
                _at++;
                result.Add(name, Value());
            }
            return result;
        }

        List<object> ReadList()
        {
            var result = new List<object>();
            for (_at++; !Closes(']');) result.Add(Value());
            return result;
        }

        bool Closes(char end)
        {
            Space();
            if (_text[_at] == ',') _at++;
            Space();
            if (_text[_at] != end) return false;
            _at++;
            return true;
        }

        string ReadString()
        {
            var result = new StringBuilder();
            for (_at++; _text[_at] != '"'; _at++) result.Append(_text[_at] == '\\' ? Escaped() : _text[_at]);
            _at++;
            return result.ToString();
        }

        char Escaped()
        {
            var letter = _text[++_at];
            if (letter == 'u')
            {
                _at += 4;
                return (char)int.Parse(_text.Substring(_at - 3, 4), NumberStyles.HexNumber);
            }
            return letter == 'n' ? '\n' : letter == 't' ? '\t' : letter;
        }

        object ReadWord()
        {
            var begin = _at;
            while (_at < _text.Length && ",]} \n\r\t".IndexOf(_text[_at]) < 0) _at++;
            var word = _text.Substring(begin, _at - begin);
            if (word == "null") return null;
            if (word == "true" || word == "false") return word == "true";
            return double.Parse(word, CultureInfo.InvariantCulture);
        }

        void Space()
        {
            while (_at < _text.Length && char.IsWhiteSpace(_text[_at])) _at++;
        }
    }
}
