namespace Roma.Training;

/// <summary>The types that a run computes in.</summary>
public enum Precision
{
    /// <summary>Everything fp32.</summary>
    Fp32,

    /// <summary>Activations bf16. Trained weights stay fp32 masters, cast where they are used; weights that are frozen under an adapter are bf16 in memory. Norms, softmax and log-probabilities are fp32.</summary>
    Bf16,
}
