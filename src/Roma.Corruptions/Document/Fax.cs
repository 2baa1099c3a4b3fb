using OpenCvSharp;
using Roma.Core;
using Roma.Corruptions.Operators;

namespace Roma.Corruptions.Document;

/// <summary>A fax: fewer rows than columns, black and white alone, specks of dirt, and rows lost on the line, which repeat the one above.</summary>
/// <param name="Rows">Rows left as a share of the picture's, above 0 to 1.</param>
/// <param name="Specks">Share of wrong dots, 0 to 1.</param>
/// <param name="Lost">Share of lost rows, 0 to 1.</param>
[Name("fax")]
public sealed record Fax(double Rows, double Specks, double Lost) : StochasticCorruption
{
    private const double Columns = 1.6; // a fax has more dots in a row than rows: 204 against 98 to the inch

    /// <summary>Rows left as a share of the picture's.</summary>
    public double Rows { get; init; } = Guard.InRange(Rows, 1e-3, 1, "of the rows");

    /// <summary>Share of wrong dots.</summary>
    public double Specks { get; init; } = Guard.InRange(Specks, 0, 1, "of the dots");

    /// <summary>Share of lost rows.</summary>
    public double Lost { get; init; } = Guard.InRange(Lost, 0, 1, "of the rows");

    /// <inheritdoc/>
    public override void Draw(int width, int height, CounterRandom random, Fields fields)
    {
        (int columns, int rows) = Size(width, height);
        fields.AddUniform("specks", checked(columns * rows), random);
        Draws.Uniform(random, fields.Add("lost", rows));
    }

    /// <inheritdoc/>
    public override RgbImage Apply(RgbImage image, Fields fields, Fidelity fidelity = Fidelity.Rounded)
    {
        (int columns, int rows) = Size(image.Width, image.Height);
        using Scratch<byte> gray = new(image.Width * image.Height), small = new(columns * rows);
        ColourMatrix.Gray(image, gray.Span);
        using Mat full = Mats.Of(gray.Array, image.Width, image.Height, MatType.CV_8UC1), dots = Mats.Of(small.Array, columns, rows, MatType.CV_8UC1);
        Cv2.Resize(full, dots, dots.Size(), 0, 0, InterpolationFlags.Area);
        int threshold = Binarise.Otsu(small.Span);
        ReadOnlySpan<float> specks = fields["specks"], lost = fields["lost"];
        for (int y = 0, i = 0; y < rows; y++)
        {
            if (y > 0 && lost[y] < Lost)
                small.Span.Slice(i - columns, columns).CopyTo(small.Span[i..]);
            else
                for (int x = i; x < i + columns; x++)
                    small.Array[x] = small.Array[x] > threshold != specks[x] < Specks ? (byte)255 : (byte)0;
            i += columns;
        }
        Cv2.Resize(dots, full, full.Size(), 0, 0, InterpolationFlags.Nearest);
        return ColourMatrix.OfGray(image.Width, image.Height, gray.Span);
    }

    private (int Columns, int Rows) Size(int width, int height) => (Math.Max(1, (int)Math.Round(width * Math.Min(1, Columns * Rows))), Math.Max(1, (int)Math.Round(height * Rows)));
}
