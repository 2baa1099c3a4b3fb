using Roma.Core;

namespace Roma.Corruptions.Operators;

/// <summary>Gradient noise on a lattice of 256 x 256 cells (Perlin, 1985) and its turbulence of octaves 1, 2, 4, 8, 16, row by row.</summary>
internal sealed class GradientNoise
{
    private const int Cells = 256, Table = 2 * Cells + 2, Octaves = 5;
    private readonly int[] _permutation = new int[Table];
    private readonly float[] _across = new float[Table], _down = new float[Table];
    private readonly int[][] _cell = new int[Octaves][];
    private readonly float[][] _rest = new float[Octaves][];
    private readonly double _frequency;

    /// <summary>Prepares the columns.</summary>
    /// <param name="fields">As <see cref="Draw"/> makes them.</param>
    /// <param name="width">Width of a row in pixels.</param>
    /// <param name="frequency">Cells of the first octave a pixel.</param>
    public GradientNoise(Fields fields, int width, double frequency)
    {
        _frequency = frequency;
        ReadOnlySpan<float> permutation = fields["permutation"], gradient = fields["gradient"];
        for (int i = 0; i < Table; i++)
            (_permutation[i], _down[i], _across[i]) = ((int)permutation[i], gradient[2 * i], gradient[2 * i + 1]);
        for (int octave = 0; octave < Octaves; octave++)
        {
            (_cell[octave], _rest[octave]) = (new int[width], new float[width]);
            for (int x = 0; x < width; x++)
            {
                double place = x * frequency * (1 << octave);
                (_cell[octave][x], _rest[octave][x]) = ((int)place, (float)(place - Math.Floor(place)));
            }
        }
    }

    /// <summary>Draws a permutation and unit gradients (row and column part); their beginnings stand once more at their ends.</summary>
    public static void Draw(CounterRandom random, Fields fields)
    {
        Span<float> permutation = fields.Add("permutation", Table), gradient = fields.Add("gradient", 2 * Table);
        for (int i = 0; i < Cells; i++)
        {
            permutation[i] = i;
            double y, x, norm;
            do
                (y, x) = (random.Integer(-Cells, Cells), random.Integer(-Cells, Cells));
            while ((norm = Math.Sqrt(x * x + y * y)) == 0);
            (gradient[2 * i], gradient[2 * i + 1]) = ((float)(y / norm), (float)(x / norm));
        }
        random.Shuffle(permutation[..Cells]);
        for (int i = Cells; i < Table; i++)
            (permutation[i], gradient[2 * i], gradient[2 * i + 1]) = (permutation[i - Cells], gradient[2 * (i - Cells)], gradient[2 * (i - Cells) + 1]);
    }

    /// <summary>Fills a row, 0 and more.</summary>
    public void Turbulence(int y, Span<float> row)
    {
        row.Clear();
        for (int octave = 0; octave < Octaves; octave++)
            Add(y * _frequency * (1 << octave), _cell[octave], _rest[octave], 1.5f / (1 << octave), row);
    }

    // Along a row, the noise's lower and upper half in a cell are linear functions of the place; they change from cell to cell.
    private void Add(double place, ReadOnlySpan<int> cells, ReadOnlySpan<float> rests, float weight, Span<float> row)
    {
        int upper = (int)place % Cells;
        float down = (float)(place - Math.Floor(place)), shareDown = Smooth(down);
        (int i, int j) = (_permutation[upper], _permutation[(upper + 1) % Cells]);
        int current = -1;
        float leftStart = 0, leftSlope = 0, rightStart = 0, rightSlope = 0;
        for (int x = 0; x < cells.Length; x++)
        {
            if (cells[x] != current)
            {
                current = cells[x];
                (leftStart, leftSlope) = Node(i, j, current % Cells, down, shareDown);
                (rightStart, rightSlope) = Node(i, j, (current + 1) % Cells, down, shareDown);
            }
            float rest = rests[x], left = leftStart + leftSlope * rest, right = rightStart + rightSlope * (rest - 1);
            row[x] += Math.Abs(left + Smooth(rest) * (right - left)) * weight;
        }
    }

    private (float Start, float Slope) Node(int i, int j, int column, float down, float share)
    {
        (int above, int below) = (_permutation[i + column], _permutation[j + column]);
        float start = down * _down[above], end = (down - 1) * _down[below];
        return (start + share * (end - start), _across[above] + share * (_across[below] - _across[above]));
    }

    private static float Smooth(float t) => t * t * (3 - 2 * t);
}
