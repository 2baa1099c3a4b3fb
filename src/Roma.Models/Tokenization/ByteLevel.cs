namespace Roma.Models.Tokenization;

/// <summary>The printable character that stands for each byte in a byte-level vocabulary (GPT-2's table): printable Latin-1 stands for itself, the rest from U+0100 on.</summary>
internal static class ByteLevel
{
    private static readonly Dictionary<char, byte> Bytes = [];
    private static readonly char[] Chars = new char[256];

    static ByteLevel()
    {
        char next = '\u0100';
        for (int b = 0; b < 256; b++)
        {
            Chars[b] = b is >= '!' and <= '~' or >= 0xA1 and <= 0xAC or >= 0xAE ? (char)b : next++;
            Bytes[Chars[b]] = (byte)b;
        }
    }

    /// <summary>The character of a byte.</summary>
    public static char CharOf(byte value) => Chars[value];

    /// <summary>The spelling of UTF-8 bytes.</summary>
    public static string Spell(ReadOnlySpan<byte> bytes)
    {
        char[] text = new char[bytes.Length];
        for (int i = 0; i < text.Length; i++)
            text[i] = Chars[bytes[i]];
        return new string(text);
    }

    /// <summary>The bytes of a spelling; null where a character stands for none.</summary>
    public static byte[]? Parse(string spelling)
    {
        byte[] bytes = new byte[spelling.Length];
        for (int i = 0; i < bytes.Length; i++)
        {
            if (!Bytes.TryGetValue(spelling[i], out bytes[i]))
                return null;
        }
        return bytes;
    }
}
