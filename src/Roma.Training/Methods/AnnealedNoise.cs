using Roma.Corruptions.Noise;
using Roma.Training.Methods.Annealing;

namespace Roma.Training.Methods;

/// <summary>Diffusion noise that fades over training (NoisyRollout, arXiv 2504.13055).</summary>
/// <param name="Strength">The diffusion step at full strength, 0..999.</param>
/// <param name="Annealing">How it fades; null: <c>sigmoid</c>.</param>
public sealed record AnnealedNoise(int Strength = 500, IAnnealing? Annealing = null)
{
    /// <summary>The diffusion step at full strength.</summary>
    public int Strength { get; init; } = (int)Require.Within(Strength, 0, DiffusionNoise.Steps - 1);

    /// <summary>How it fades.</summary>
    public IAnnealing Annealing { get; init; } = Annealing ?? new SigmoidAnnealing();

    /// <summary>The diffusion step of a training step: strength times what is left, cut towards zero.</summary>
    /// <param name="step">The training step, from 1.</param>
    /// <param name="steps">The number of training steps.</param>
    public int DiffusionStep(int step, int steps) => (int)(Strength * Annealing.Remaining(step, steps));
}
