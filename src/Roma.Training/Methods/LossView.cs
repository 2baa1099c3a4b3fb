namespace Roma.Training.Methods;

/// <summary>The pictures that the policy loss is taken on.</summary>
public enum LossView
{
    /// <summary>The clean ones.</summary>
    Clean,

    /// <summary>The corrupted view that the response was sampled on.</summary>
    Corrupted,
}
