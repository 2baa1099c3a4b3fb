namespace Roma.Training.Losses;

/// <summary>Which corrupted view of a trajectory the auxiliary policy loss is taken on.</summary>
public enum AuxiliaryView
{
    /// <summary>The one with the largest mean divergence.</summary>
    Worst,

    /// <summary>One drawn for each trajectory.</summary>
    Random,
}
