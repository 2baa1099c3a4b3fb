using Roma.Training.Losses;

namespace Roma.Training.Methods;

/// <summary>A training method: what is sampled on, what the loss is taken on, and the switches of the one <see cref="Losses.Objective"/>. Its record's parameters are the YAML keys.</summary>
public interface IMethod
{
    /// <summary>The switches of the loss.</summary>
    ObjectiveSettings Objective { get; }

    /// <summary>The number of corrupted views a prompt, K.</summary>
    int Views { get; }

    /// <summary>What responses are sampled on; null: nothing is sampled, the data's own responses are imitated.</summary>
    SamplingView? Sampling { get; }

    /// <summary>What the policy loss is taken on.</summary>
    LossView LossOn => LossView.Clean;

    /// <summary>The noise of <see cref="SamplingView.HalfNoised"/>; null elsewhere.</summary>
    AnnealedNoise? Noise => null;
}
