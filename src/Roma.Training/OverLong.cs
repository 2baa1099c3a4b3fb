namespace Roma.Training;

/// <summary>What becomes of samples that are longer than a run allows; none is ever cut.</summary>
public enum OverLong
{
    /// <summary>The run is refused before its first step, with their names.</summary>
    Refuse,

    /// <summary>They are left out and counted.</summary>
    Skip,
}
