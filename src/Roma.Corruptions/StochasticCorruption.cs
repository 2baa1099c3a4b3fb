using Roma.Core;

namespace Roma.Corruptions;

/// <summary>A corruption with randomness, split in two: drawing its fields, and a pure function of them. Recorded fields reproduce a result exactly.</summary>
public abstract record StochasticCorruption : ICorruption
{
    /// <summary>Draws the fields for a picture of this size, always in the same order.</summary>
    /// <param name="width">Width in pixels.</param>
    /// <param name="height">Height in pixels.</param>
    /// <param name="random">The stream to draw from.</param>
    /// <param name="fields">Where the fields go.</param>
    public abstract void Draw(int width, int height, CounterRandom random, Fields fields);

    /// <summary>The corrupted picture for given fields; same size, input untouched.</summary>
    /// <param name="image">The clean picture.</param>
    /// <param name="fields">As <see cref="Draw"/> makes them for the picture's size.</param>
    /// <param name="fidelity">How results become bytes.</param>
    public abstract RgbImage Apply(RgbImage image, Fields fields, Fidelity fidelity = Fidelity.Rounded);

    /// <inheritdoc/>
    public RgbImage Apply(RgbImage image, CounterRandom random, Fidelity fidelity = Fidelity.Rounded)
    {
        using var fields = new Fields();
        Draw(image.Width, image.Height, random, fields);
        return Apply(image, fields, fidelity);
    }

    /// <inheritdoc/>
    public virtual ICorruption Scaled(double factor) => this;
}
