using System.Runtime.CompilerServices;

namespace Roma.Corruptions.Operators;

/// <summary>Checks parameters of corruptions in their constructors.</summary>
internal static class Guard
{
    public static double InRange(double value, double low, double high, string unit, [CallerArgumentExpression(nameof(value))] string name = "") =>
        value >= low && value <= high ? value : throw new ArgumentOutOfRangeException(name, FormattableString.Invariant($"expected {low} to {high} {unit}, not {value}"));

    public static int InRange(int value, int low, int high, string unit, [CallerArgumentExpression(nameof(value))] string name = "") => (int)InRange((double)value, low, high, unit, name);
}
