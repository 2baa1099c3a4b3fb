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
    RgbImage Apply(RgbImage image, CounterRandom random);
}
