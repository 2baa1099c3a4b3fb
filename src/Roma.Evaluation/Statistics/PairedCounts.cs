namespace Roma.Evaluation.Statistics;

/// <summary>Two runs on the same items, cross-tabulated by who was right.</summary>
/// <param name="Both">Both right.</param>
/// <param name="OnlyFirst">Only the first right.</param>
/// <param name="OnlySecond">Only the second right.</param>
/// <param name="Neither">Neither right.</param>
public readonly record struct PairedCounts(int Both, int OnlyFirst, int OnlySecond, int Neither)
{
    /// <summary>Number of pairs.</summary>
    public int Total => Both + OnlyFirst + OnlySecond + Neither;

    /// <summary>Accuracy of the first run.</summary>
    public Proportion First => new(Both + OnlyFirst, Total);

    /// <summary>Accuracy of the second run.</summary>
    public Proportion Second => new(Both + OnlySecond, Total);

    /// <summary>Accuracy of the first minus that of the second; NaN of nothing.</summary>
    public double Difference => (double)(OnlyFirst - OnlySecond) / Total;

    /// <summary>This table with one more pair.</summary>
    /// <param name="first">Whether the first run is right.</param>
    /// <param name="second">Whether the second run is right.</param>
    public PairedCounts Add(bool first, bool second) => (first, second) switch
    {
        (true, true) => this with { Both = Both + 1 },
        (true, false) => this with { OnlyFirst = OnlyFirst + 1 },
        (false, true) => this with { OnlySecond = OnlySecond + 1 },
        _ => this with { Neither = Neither + 1 },
    };
}
