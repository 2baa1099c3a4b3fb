using System.Globalization;
using System.Text;

namespace Roma.Models.Tokenization;

/// <summary>
/// Unicode normalisation form C (UAX #15). The runtime's own needs the ICU library, which a small container lacks (without it, <see cref="string.Normalize()"/>
/// returns text beyond ASCII unchanged), and ids must not depend on the machine.
/// </summary>
internal static class Nfc
{
    private const int HangulBase = 0xAC00, LeadBase = 0x1100, VowelBase = 0x1161, TrailBase = 0x11A7, Leads = 19, Vowels = 21, Trails = 28;
    private static readonly Dictionary<int, int[]> Decompositions = [];
    private static readonly Dictionary<(int First, int Second), int> Compositions = [];
    private static readonly Dictionary<int, byte> Classes = [];

    static Nfc()
    {
        using var reader = new StreamReader(typeof(Nfc).Assembly.GetManifestResourceStream("Roma.Models.Tokenization.nfc.txt")!);
        string section = "";
        for (string? line = reader.ReadLine(); line is not null; line = reader.ReadLine())
        {
            if (line.StartsWith('#'))
                continue;
            if (line.StartsWith('['))
                section = line;
            else
                Array.ForEach(line.Split(' '), entry => Add(section, entry.Split('=')));
        }
    }

    /// <summary>Normalises text without unpaired surrogates.</summary>
    public static string Normalize(string text)
    {
        if (!text.AsSpan().ContainsAnyExceptInRange('\0', '\u02FF'))
            return text; // nothing below U+0300 decomposes and composes again to something else
        var points = new List<int>(text.Length);
        foreach (Rune rune in text.EnumerateRunes())
            Decompose(rune.Value, points);
        Order(points);
        Compose(points);
        var result = new StringBuilder(text.Length);
        foreach (int point in points)
            result.Append(new Rune(point));
        return result.ToString();
    }

    private static void Add(string section, string[] entry)
    {
        int[] left = [.. entry[0].Split('-').Select(Hex)];
        if (section == "[combining class]")
        {
            for (int point = left[0]; point <= left[^1]; point++)
                Classes[point] = byte.Parse(entry[1], CultureInfo.InvariantCulture);
            return;
        }
        int[] parts = [.. entry[1].Split('+').Select(Hex)];
        Decompositions[left[0]] = parts;
        if (section == "[composed]")
            Compositions[(parts[0], parts[1])] = left[0];

        static int Hex(string digits) => int.Parse(digits, NumberStyles.HexNumber, CultureInfo.InvariantCulture);
    }

    private static void Decompose(int point, List<int> points)
    {
        int syllable = point - HangulBase;
        if (syllable is >= 0 and < Leads * Vowels * Trails)
        {
            points.Add(LeadBase + syllable / (Vowels * Trails));
            points.Add(VowelBase + syllable / Trails % Vowels);
            if (syllable % Trails > 0)
                points.Add(TrailBase + syllable % Trails);
        }
        else if (Decompositions.TryGetValue(point, out int[]? parts))
            Array.ForEach(parts, part => Decompose(part, points));
        else
            points.Add(point);
    }

    /// <summary>Sorts each run of combining marks by class, keeping the order of equals.</summary>
    private static void Order(List<int> points)
    {
        for (int start = 0; start < points.Count; start++)
        {
            int end = start;
            while (end < points.Count && ClassOf(points[end]) > 0)
                end++;
            if (end - start > 1)
            {
                int[] run = [.. points.GetRange(start, end - start).OrderBy(ClassOf)];
                for (int i = 0; i < run.Length; i++)
                    points[start + i] = run[i];
            }
            start = end;
        }
    }

    private static void Compose(List<int> points)
    {
        int written = 0, starter = -1, lastClass = 0;
        foreach (int point in points.ToArray())
        {
            int combiningClass = ClassOf(point);
            bool adjacent = starter == written - 1;
            if (starter >= 0 && (adjacent || lastClass > 0 && lastClass < combiningClass) && Pair(points[starter], point) is int composed)
            {
                points[starter] = composed;
                continue;
            }
            if (combiningClass == 0)
                starter = written;
            lastClass = combiningClass;
            points[written++] = point;
        }
        points.RemoveRange(written, points.Count - written);
    }

    private static int? Pair(int first, int second)
    {
        if (first is >= LeadBase and < LeadBase + Leads && second is >= VowelBase and < VowelBase + Vowels)
            return HangulBase + ((first - LeadBase) * Vowels + second - VowelBase) * Trails;
        if (first is >= HangulBase and < HangulBase + Leads * Vowels * Trails && (first - HangulBase) % Trails == 0 && second is > TrailBase and < TrailBase + Trails)
            return first + second - TrailBase;
        return Compositions.TryGetValue((first, second), out int composed) ? composed : null;
    }

    private static int ClassOf(int point) => point < 0x300 ? 0 : Classes.GetValueOrDefault(point);
}
