using Roma.Core;

namespace Roma.Corruptions.Operators;

/// <summary>One procedural window: clouds of ice, ridges of crystals, a bluish tint.</summary>
internal static class FrostWindow
{
    public static RgbImage Make(int width, int height, int index)
    {
        int side = PlasmaFractal.Side(width, height);
        using Scratch<float> clouds = new(width * height), grain = new(width * height);
        using var fields = new Fields();
        var random = CounterRandom.Of("frost", index);
        fields.AddUniform("clouds", PlasmaFractal.Draws(side), random);
        fields.AddUniform("grain", PlasmaFractal.Draws(side), random);
        PlasmaFractal.Fill(fields, "clouds", side, 1.6, width, height, clouds.Span);
        PlasmaFractal.Fill(fields, "grain", side, 1.1, width, height, grain.Span);
        var window = new RgbImage(width, height);
        for (int i = 0; i < width * height; i++)
        {
            float level = 60 + 140 * clouds.Span[i] + 60 * MathF.Abs(grain.Span[i] - 0.5f);
            for (int c = 0; c < 3; c++)
                window.Pixels[3 * i + c] = (byte)Math.Clamp(level + 15 * (c - 1), 0, 255);
        }
        return window;
    }
}
