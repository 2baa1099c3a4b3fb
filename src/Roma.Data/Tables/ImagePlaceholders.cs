using System.Text.RegularExpressions;

namespace Roma.Data.Tables;

/// <summary>Numbered placeholders, as MMMU has them.</summary>
internal static partial class ImagePlaceholders
{
    /// <summary>
    /// Turns <c>&lt;image 2&gt;</c> into <c>&lt;image&gt;</c> where a picture is mentioned first and into "image 2" afterwards, and gives the order of the pictures; those that
    /// are not mentioned come first, before the text. Text without numbers stays as it is.
    /// </summary>
    public static (string Text, int[] Order) Number(string text, int images)
    {
        var mentioned = new List<int>();
        string named = Numbered().Replace(text, match =>
        {
            if (!int.TryParse(match.Groups[1].ValueSpan, out int number) || number < 1 || number > images)
                return match.Value;
            if (mentioned.Contains(number - 1))
                return $"image {number}";
            mentioned.Add(number - 1);
            return "<image>";
        });
        if (mentioned.Count == 0)
            return (text, [.. Enumerable.Range(0, images)]);
        int[] others = [.. Enumerable.Range(0, images).Except(mentioned)];
        return (string.Concat(Enumerable.Repeat("<image>", others.Length)) + named, [.. others, .. mentioned]);
    }

    /// <summary>Whether a text has a placeholder, numbered or not.</summary>
    public static bool StandIn(string text) => text.Contains("<image>", StringComparison.Ordinal) || Numbered().IsMatch(text);

    [GeneratedRegex(@"<image (\d{1,3})>")]
    private static partial Regex Numbered();
}
