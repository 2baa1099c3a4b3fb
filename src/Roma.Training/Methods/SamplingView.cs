namespace Roma.Training.Methods;

/// <summary>The pictures that responses are sampled on.</summary>
public enum SamplingView
{
    /// <summary>The clean ones.</summary>
    Clean,

    /// <summary>One corrupted view a prompt.</summary>
    Corrupted,

    /// <summary>The clean ones for the first half of a group, noised ones for the second; one group.</summary>
    HalfNoised,
}
