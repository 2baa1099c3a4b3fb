using Roma.Core;

namespace Roma.Corruptions;

/// <summary>
/// A corruption with its parameters set. Implementations are sealed records whose constructor parameters are the YAML keys and whose constructor validates;
/// they are pure: the result depends on the picture and on the draws alone, never on a clock, a static generator or the thread.
/// </summary>
public interface ICorruption
{
    /// <summary>The corrupted picture; same size, input untouched.</summary>
    /// <param name="image">The clean picture, any size from 1x1 up.</param>
    /// <param name="random">The stream for this (seed, sample, corruption, severity); deterministic corruptions ignore it.</param>
    /// <param name="fidelity">How results become bytes.</param>
    RgbImage Apply(RgbImage image, CounterRandom random, Fidelity fidelity = Fidelity.Rounded);

    /// <summary>The same corruption with its lengths in pixels multiplied; itself where it has none.</summary>
    /// <param name="factor">Above 0; see <see cref="PixelScale"/>.</param>
    ICorruption Scaled(double factor) => this;
}
