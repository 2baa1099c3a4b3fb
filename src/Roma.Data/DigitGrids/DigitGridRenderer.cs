using System.Numerics;
using Roma.Core;

namespace Roma.Data;

/// <summary>Draws four digits: warped, sheared and turned strokes, anti-aliased by their distance, on a sloping background with a little noise.</summary>
internal static class DigitGridRenderer
{
    private const int Side = 64, Cell = 32;
    private const float Far = 1e6f;

    public static RgbImage Render(IReadOnlyList<int> digits, CounterRandom random)
    {
        float background = Draw(random, .05f, .35f), contrast = Draw(random, .35f, .6f);
        float slopeX = Draw(random, -.025f, .025f), slopeY = Draw(random, -.025f, .025f);
        Span<float> coverage = stackalloc float[Side * Side];
        coverage.Clear();
        for (int cell = 0; cell < 4; cell++)
            DrawDigit(DigitFont.Digits[digits[cell]], cell % 2 * Cell, cell / 2 * Cell, coverage, random);
        byte[] pixels = new byte[3 * Side * Side];
        for (int y = 0, i = 0; y < Side; y++)
            for (int x = 0; x < Side; x++, i++)
            {
                float slope = slopeX * (x * (2f / Side) - 1) + slopeY * (y * (2f / Side) - 1);
                float grey = background + slope + contrast * coverage[i] + .015f * Noise(random.NextUInt32());
                pixels.AsSpan(3 * i, 3).Fill((byte)(Math.Clamp(grey, 0, 1) * 255 + .5f));
            }
        return new RgbImage(Side, Side, pixels);
    }

    private static void DrawDigit(Vector2[][] strokes, int left, int top, Span<float> coverage, CounterRandom random)
    {
        float height = Cell * Draw(random, .44f, .76f), width = height * Draw(random, .5f, .8f), radius = Draw(random, .7f, 1.7f);
        float shear = Draw(random, -.2f, .2f);
        (float sin, float cos) = MathF.SinCos(Draw(random, -.2f, .2f));
        float warpX = Draw(random, 0, .06f), warpY = Draw(random, 0, .06f), phaseX = Draw(random, 0, MathF.Tau), phaseY = Draw(random, 0, MathF.Tau);
        var (low, high) = (new Vector2(Far), new Vector2(-Far));
        Span<Vector2> points = stackalloc Vector2[64];
        int count = 0;
        foreach (var stroke in strokes)
            foreach (var point in stroke)
            {
                float x = (point.X - .5f + warpX * MathF.Sin(4 * point.Y + phaseX)) * width, y = (point.Y - .5f + warpY * MathF.Sin(4 * point.X + phaseY)) * height;
                x -= shear * y;
                var placed = points[count++] = new Vector2(cos * x - sin * y, sin * x + cos * y);
                (low, high) = (Vector2.Min(low, placed), Vector2.Max(high, placed));
            }
        // The digit goes anywhere near the middle of its cell where all of it fits.
        var room = Vector2.Clamp((new Vector2(Cell - 2 * (radius + 1)) - (high - low)) / 2, Vector2.Zero, new Vector2(3));
        var shift = new Vector2(left + Cell / 2f, top + Cell / 2f) - (low + high) / 2 + room * new Vector2(Draw(random, -1, 1), Draw(random, -1, 1));
        count = 0;
        foreach (var stroke in strokes)
        {
            for (int i = 1; i < stroke.Length; i++)
                DrawSegment(points[count + i - 1] + shift, points[count + i] + shift, radius, coverage);
            count += stroke.Length;
        }
    }

    /// <summary>Raises the coverage of the pixels near one segment to 1 inside, falling to 0 over one pixel at the edge.</summary>
    private static void DrawSegment(Vector2 a, Vector2 b, float radius, Span<float> coverage)
    {
        float reach = radius + .5f, scale = 1 / Math.Max((b - a).LengthSquared(), 1e-12f);
        int x0 = Math.Max((int)(MathF.Min(a.X, b.X) - reach), 0), x1 = Math.Min((int)(MathF.Max(a.X, b.X) + reach), Side - 1);
        int y0 = Math.Max((int)(MathF.Min(a.Y, b.Y) - reach), 0), y1 = Math.Min((int)(MathF.Max(a.Y, b.Y) + reach), Side - 1);
        float directionX = b.X - a.X, directionY = b.Y - a.Y;
        for (int y = y0; y <= y1; y++)
            for (int x = x0; x <= x1; x++)
            {
                float fromX = x + .5f - a.X, fromY = y + .5f - a.Y;
                float along = Math.Clamp((fromX * directionX + fromY * directionY) * scale, 0, 1);
                (float dx, float dy) = (fromX - along * directionX, fromY - along * directionY);
                float square = dx * dx + dy * dy;
                if (square < reach * reach)
                    coverage[y * Side + x] = Math.Max(coverage[y * Side + x], Math.Min(reach - MathF.Sqrt(square), 1));
            }
    }

    /// <summary>Nearly standard normal: the sum of four uniform bytes, centred and divided by its deviation.</summary>
    private static float Noise(uint bits) => ((int)((bits & 255) + (bits >> 8 & 255) + (bits >> 16 & 255) + (bits >> 24)) - 510) * (1 / 147.8f);

    private static float Draw(CounterRandom random, float low, float high) => low + (high - low) * random.NextSingle();
}
