using System.Globalization;
using Roma.Evaluation.Statistics;

namespace Roma.Evaluation.Reports;

/// <summary>How numbers are written.</summary>
internal static class Format
{
    private const string Undefined = "undefined";

    public static string Percent(double share) => double.IsFinite(share) ? (100 * share).ToString("0.0", CultureInfo.InvariantCulture) + " %" : Undefined;

    public static string Interval(Interval shares) => double.IsFinite(shares.Low) ? FormattableString.Invariant($"{100 * shares.Low:0.0} to {100 * shares.High:0.0}") : "no interval";

    public static string Points(double difference) => double.IsFinite(difference) ? Signed(100 * difference) : Undefined;

    public static string PointsInterval(Interval difference) => double.IsFinite(difference.Low) ? $"{Signed(100 * difference.Low)} to {Signed(100 * difference.High)}" : "no interval";

    public static string P(double p) => double.IsNaN(p) ? Undefined : p < 0.0001 ? "< 0.0001" : p.ToString(p < 0.01 ? "0.0000" : "0.000", CultureInfo.InvariantCulture);

    public static string Seconds(double seconds) => seconds < 120
        ? FormattableString.Invariant($"{seconds:0.0} s") : FormattableString.Invariant($"{(int)seconds / 60} min {(int)seconds % 60:00} s");

    public static string Clip(string text, int length = 400) => text.Length <= length ? text : text[..length] + "\u2026";

    // A true minus sign, and no minus before zero.
    private static string Signed(double value) => Math.Abs(value) < 0.05 ? "0.0" : (value < 0 ? "\u2212" : "+") + Math.Abs(value).ToString("0.0", CultureInfo.InvariantCulture);
}
