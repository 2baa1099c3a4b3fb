namespace Roma.Corruptions.Operators;

/// <summary>One coefficient of a filter.</summary>
/// <param name="X">Column of the source pixel, relative to the result's.</param>
/// <param name="Y">Row of the source pixel, relative to the result's.</param>
/// <param name="Weight">Its factor.</param>
internal readonly record struct Tap(int X, int Y, double Weight);
