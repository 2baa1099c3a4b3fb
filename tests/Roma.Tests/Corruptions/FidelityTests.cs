using System.Runtime.Intrinsics;
using Roma.Core;
using Roma.Corruptions;
using Roma.Corruptions.Operators;

namespace Roma.Tests.Corruptions;

/// <summary>The fast, rounding way against the exact, truncating one, where two steps of code differ; <see cref="CatalogueTests"/> compares the others.</summary>
public class FidelityTests
{
    [Theory] // in levels: the parity kernel's sum of 1.01; a level a truncated step; displacements at single black and white pixels
    [InlineData("defocus_blur", 1.5), InlineData("glass_blur", 1.2), InlineData("glass_blur_swap", 1.2), InlineData("elastic_transform", 2), InlineData("elastic_imagenetc", 4)]
    public void StaysNearParity(string name, double distance)
    {
        foreach (int side in new[] { 96, 400 })
        {
            RgbImage image = TestImages.Textured(side, side - 5);
            for (int severity = 1; severity <= 5; severity += 2)
            {
                var view = new View(name, severity, 3);
                using RgbImage rounded = Catalogue.Default.Apply(image, view, "sample"), truncated = Catalogue.Default.Apply(image, view, "sample", fidelity: Fidelity.Parity);
                Assert.InRange(rounded.Pixels.Zip(truncated.Pixels, (a, b) => Math.Abs(a - b)).Average(), 0, distance);
            }
        }
    }

    [Theory]
    [InlineData(640, 480, 6.4, 4.8), InlineData(400, 400, 19.5, 19.5), InlineData(301, 517, 3.01, 5.17), InlineData(97, 64, 2.4, 2.4), InlineData(50, 60, 20, 20)]
    public void CoarseDisplacementsAreTheExactOnes(int width, int height, double across, double down)
    {
        using var fields = new Fields();
        fields.AddUniform("draws", width * height, CounterRandom.Of("elastic", width, height));
        float[] exact = new float[width * height], fast = new float[exact.Length];
        ElasticField.Fill(fields, "draws", width, height, (across, down), 1, Fidelity.Parity, exact);
        ElasticField.Fill(fields, "draws", width, height, (across, down), 1, Fidelity.Rounded, fast);
        double error = Math.Sqrt(exact.Zip(fast, (a, b) => (double)(a - b) * (a - b)).Sum() / exact.Sum(a => (double)a * a));
        Assert.True(error < 0.03, $"{error:P2}");
    }

    [Theory, InlineData("uniform"), InlineData("normal"), InlineData("integer")]
    public void PartsOfAStreamAreTheWholeOne(string law)
    {
        using Fields one = Stream(law), other = Stream(law);
        float[] whole = one[law].ToArray(), part = new float[97];
        Assert.True(whole.Distinct().Count() > 6);
        foreach (int start in new[] { 0, 1, 15, 16, 17, 500, 903 })
            Assert.Equal(whole.AsSpan(start, part.Length), other.Read(law, start, part));
    }

    [Fact]
    public void IntegersAreUniform()
    {
        float[] draws = new float[1 << 18];
        Draws.Integers(5, 0, draws, -3, 6);
        Assert.Equal(Enumerable.Range(-3, 6).Select(value => (float)value), draws.Distinct().Order());
        double expected = draws.Length / 6.0, square = draws.CountBy(draw => draw).Sum(group => (group.Value - expected) * (group.Value - expected) / expected);
        Assert.InRange(square, 0, 20.5); // chi-squared with 5 degrees of freedom: one in a thousand is above
    }

    [Fact]
    public void VectorFunctionsAgreeWithScalarOnes()
    {
        var random = CounterRandom.Of("functions");
        for (int i = 0; i < 2000; i++)
        {
            float x = (float)random.Uniform(-1000, 1000), y = (float)random.Uniform(-1, 1), positive = (float)Math.Exp(random.Uniform(-60, 60)), small = x / 1000;
            (Vector256<float> sin, Vector256<float> cos) = VectorMath.SinCos(Vector256.Create(x));
            Assert.Equal(Math.Sin(x), sin[3], 4e-7);
            Assert.Equal(Math.Cos(x), cos[3], 4e-7);
            (sin, cos) = VectorMath.SinCosTurns(Vector256.Create(positive % 1));
            Assert.Equal(Math.Sin(2 * Math.PI * (positive % 1)), sin[3], 4e-7);
            Assert.Equal(Math.Cos(2 * Math.PI * (positive % 1)), cos[3], 4e-7);
            Assert.Equal(Math.Log(positive), VectorMath.Log(Vector256.Create(positive))[3], 3e-7 * Math.Max(1, Math.Abs(Math.Log(positive))));
            Assert.Equal(1, VectorMath.Exp(Vector256.Create(80 * small))[3] / Math.Exp(80 * small), 1e-5);
            Assert.Equal(Math.Atan2(y, small), VectorMath.Atan2(Vector256.Create(y), Vector256.Create(small))[3], 6e-7);
        }
    }

    [Fact]
    public void BilinearInterpolationIsTheClosedForm()
    {
        RgbImage image = TestImages.Textured(37, 23);
        var random = CounterRandom.Of("bilinear");
        float[] dx = new float[37], dy = new float[37], levels = new float[Bilinear.RowLength(37)];
        foreach (Border border in Enum.GetValues<Border>())
        {
            for (int y = 0; y < 23; y++)
            {
                for (int x = 0; x < 37; x++)
                    (dx[x], dy[x]) = ((float)random.Uniform(-9, 9), (float)random.Uniform(-9, 9));
                (dx[5], dy[5], dx[36], dy[36]) = (0, 0, 0, 0);
                Bilinear.Row(image, y, dx, dy, border, levels);
                for (int i = 0; i < 111; i++)
                {
                    double sx = i / 3 + (double)dx[i / 3], sy = y + (double)dy[i / 3], fx = sx - Math.Floor(sx), fy = sy - Math.Floor(sy);
                    double At(int right, int down) => Pixel((int)Math.Floor(sx) + right, (int)Math.Floor(sy) + down, i % 3, border);
                    Assert.Equal((At(0, 0) * (1 - fx) + At(1, 0) * fx) * (1 - fy) + (At(0, 1) * (1 - fx) + At(1, 1) * fx) * fy, levels[i], 1e-3);
                }
            }
        }

        double Pixel(int x, int y, int c, Border border)
        {
            if (border >= Border.Black && (x < 0 || y < 0 || x >= 37 || y >= 23))
                return border == Border.White ? 255 : 0;
            return image.Pixels[(Fold(y, 23, border) * 37 + Fold(x, 37, border)) * 3 + c];
        }

        static int Fold(int index, int size, Border border)
        {
            int edge = border == Border.Reflect ? 1 : 0;
            while (index < 0 || index >= size)
                index = border == Border.Replicate ? Math.Clamp(index, 0, size - 1) : index < 0 ? -index - edge : 2 * (size - 1) - index + edge;
            return index;
        }
    }

    private static Fields Stream(string law)
    {
        var fields = new Fields();
        var random = CounterRandom.Of(law);
        if (law == "uniform")
            fields.AddUniform(law, 1000, random);
        else if (law == "normal")
            fields.AddNormal(law, 1000, random);
        else
            fields.AddIntegers(law, 1000, -3, 4, random);
        return fields;
    }
}
