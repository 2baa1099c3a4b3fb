using Roma.Core;

namespace Roma.Corruptions.Operators;

/// <summary>
/// A procedural frosted window: clouds of ice and ridges of crystals, whose colour, contrast and spectrum are measured on photographs of frost.
/// </summary>
/// <param name="Red">Mean level.</param>
/// <param name="Green">Mean level.</param>
/// <param name="Blue">Mean level.</param>
/// <param name="Clouds">Standard deviation of what is larger than 16 pixels, in levels.</param>
/// <param name="Crystals">Standard deviation of what is smaller, in levels.</param>
internal sealed record FrostWindow(float Red, float Green, float Blue, float Clouds, float Crystals)
{
    private const double CloudDecay = 1.35, CrystalDecay = 1, Coarse = 6, Fine = 0.5;
    private const float Warp = 60;

    /// <summary>Paints the window.</summary>
    /// <param name="width">Width in pixels.</param>
    /// <param name="height">Height in pixels.</param>
    /// <param name="random">Decides about the shapes.</param>
    public RgbImage Paint(int width, int height, CounterRandom random)
    {
        using Scratch<float> clouds = new(width * height), crystals = new(width * height);
        Plasma(width, height, CloudDecay, random, clouds.Span);
        Grow(width, height, random, clouds.Span, crystals.Span);
        Standardise(clouds.Span);
        var window = new RgbImage(width, height);
        for (int i = 0; i < width * height; i++)
        {
            float level = Clouds * clouds.Span[i] + Crystals * crystals.Span[i];
            window.Pixels[3 * i] = Level(Red + level);
            window.Pixels[3 * i + 1] = Level(Green + level);
            window.Pixels[3 * i + 2] = Level(Blue + level);
        }
        return window;
    }

    // Ridges where noise crosses its mean, bent along the clouds, without what is coarser or finer than crystals are.
    private static void Grow(int width, int height, CounterRandom random, ReadOnlySpan<float> clouds, Span<float> crystals)
    {
        using Scratch<float> noise = new(width * height), coarse = new(width * height);
        Plasma(width, height, CrystalDecay, random, noise.Span);
        OpenCvFilters.GaussianBlur<float>(noise.Span, coarse.Span, width, height, 1, (2 * Coarse, 2 * Coarse));
        for (int i = 0; i < crystals.Length; i++)
            noise.Span[i] = -Math.Abs(noise.Span[i] - coarse.Span[i]);
        for (int i = 0; i < crystals.Length; i++)
            coarse.Span[i] = noise.Span[i / width * width + Border.Reflect.Index(i % width + (int)(Warp * clouds[i]), width)];
        OpenCvFilters.GaussianBlur<float>(coarse.Span, crystals, width, height, 1, (Fine, Fine));
        OpenCvFilters.GaussianBlur<float>(crystals, coarse.Span, width, height, 1, (Coarse, Coarse));
        for (int i = 0; i < crystals.Length; i++)
            crystals[i] -= coarse.Span[i];
        Standardise(crystals);
    }

    private static void Plasma(int width, int height, double decay, CounterRandom random, Span<float> map)
    {
        int side = PlasmaFractal.Side(width, height);
        using var fields = new Fields();
        fields.AddUniform("plasma", PlasmaFractal.Draws(side), random);
        PlasmaFractal.Fill(fields, "plasma", side, decay, width, height, map);
    }

    private static void Standardise(Span<float> values)
    {
        double sum = 0, squares = 0;
        foreach (float value in values)
            (sum, squares) = (sum + value, squares + (double)value * value);
        double mean = sum / values.Length, deviation = Math.Sqrt(squares / values.Length - mean * mean);
        foreach (ref float value in values)
            value = (float)((value - mean) / deviation);
    }

    private static byte Level(float level) => (byte)(Math.Clamp(level, 0, 255) + 0.5f);
}
