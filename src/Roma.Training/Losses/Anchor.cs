namespace Roma.Training.Losses;

/// <summary>Where the consistency term's gradient flows.</summary>
public enum Anchor
{
    /// <summary>To the corrupted view alone: the clean view is the fixed target.</summary>
    Clean,

    /// <summary>To both views.</summary>
    Joint,
}
