using System.Runtime.CompilerServices;

namespace Roma.Training;

/// <summary>Checks of settings: the value itself, or an <see cref="ArgumentOutOfRangeException"/> that names the setting and what is allowed.</summary>
internal static class Require
{
    public static double Within(double value, double least, double most, bool openBelow = false, [CallerArgumentExpression(nameof(value))] string name = "") =>
        value <= most && (openBelow ? value > least : value >= least)
            ? value
            : throw new ArgumentOutOfRangeException(name, $"{value} is not in {(openBelow ? "(" : "[")}{least}, {most}].");

    public static double NotNegative(double value, [CallerArgumentExpression(nameof(value))] string name = "") =>
        value >= 0 && double.IsFinite(value) ? value : throw new ArgumentOutOfRangeException(name, $"{value} is not a finite number of at least 0.");

    public static double Positive(double value, [CallerArgumentExpression(nameof(value))] string name = "") =>
        value > 0 && double.IsFinite(value) ? value : throw new ArgumentOutOfRangeException(name, $"{value} is not a finite number above 0.");

    public static int AtLeast(int value, int least, [CallerArgumentExpression(nameof(value))] string name = "") =>
        value >= least ? value : throw new ArgumentOutOfRangeException(name, $"{value} is below {least}.");
}
