namespace Roma.Training.Losses;

/// <summary>Whose worst view counts.</summary>
public enum WorstBy
{
    /// <summary>Each trajectory has its own.</summary>
    Trajectory,

    /// <summary>All responses of a prompt share the view with the largest divergence summed over them.</summary>
    Prompt,
}
