namespace Roma.Training.Losses;

/// <summary>Which trajectories the consistency term, or the whole step, is for.</summary>
public enum Gate
{
    /// <summary>Those whose accuracy is at least tau.</summary>
    Correct,

    /// <summary>All scorable ones.</summary>
    None,
}
