using Roma.Core;
using Roma.Tests.Corruptions;

namespace Roma.Tests.Images;

public class ImageDifferenceTests
{
    [Fact]
    public void EqualPicturesHaveNoDifference()
    {
        RgbImage image = TestImages.Textured(9, 12);
        Assert.Equal(new ImageDifference(double.PositiveInfinity, 1, 0), ImageDifference.Between(image, image.Clone()));
    }

    [Theory, InlineData(1, 1), InlineData(5, 3), InlineData(7, 7), InlineData(40, 31)]
    public void ConstantPicturesFollowTheClosedForm(int width, int height)
    {
        // Without variance SSIM is (2 a b + C1) / (a^2 + b^2 + C1).
        const double C1 = 2.55 * 2.55;
        var difference = ImageDifference.Between(TestImages.Constant(width, height, 100), TestImages.Constant(width, height, 120));
        Assert.Equal(20 * Math.Log10(255 / 20.0), difference.Psnr, 10);
        Assert.Equal((2 * 100 * 120 + C1) / (100 * 100 + 120 * 120 + C1), difference.Ssim, 12);
        Assert.Equal(1, difference.ChangedShare);
    }

    [Theory, InlineData(7, 7), InlineData(23, 9), InlineData(4, 30), InlineData(1, 8)]
    public void AgreesWithTheDefinitionWindowByWindow(int width, int height)
    {
        RgbImage a = TestImages.Textured(width, height), b = a.Clone();
        var random = CounterRandom.Of("difference", width);
        for (int i = 0; i < b.Pixels.Length; i += random.Integer(1, 9))
            b.Pixels[i] = (byte)random.Integer(0, 256);
        int wide = Math.Min(7, width), high = Math.Min(7, height), changed = Enumerable.Range(0, width * height).Count(p => !a.Pixels.AsSpan(3 * p, 3).SequenceEqual(b.Pixels.AsSpan(3 * p, 3)));
        var difference = ImageDifference.Between(a, b);
        Assert.Equal(changed / (double)(width * height), difference.ChangedShare, 12);
        Assert.Equal(Direct(a, b, wide, high), difference.Ssim, 10);
        Assert.Equal(10 * Math.Log10(255.0 * 255 / a.Pixels.Zip(b.Pixels, (x, y) => (double)(x - y) * (x - y)).Average()), difference.Psnr, 10);
    }

    private static double Direct(RgbImage a, RgbImage b, int wide, int high)
    {
        var values = new List<double>();
        for (int channel = 0; channel < 3; channel++)
            for (int top = 0; top + high <= a.Height; top++)
                for (int left = 0; left + wide <= a.Width; left++)
                    values.Add(Ssim([.. Window(a, left, top, channel)], [.. Window(b, left, top, channel)]));
        return values.Average();

        IEnumerable<double> Window(RgbImage image, int left, int top, int channel) =>
            from y in Enumerable.Range(top, high) from x in Enumerable.Range(left, wide) select (double)image.Pixels[3 * (y * image.Width + x) + channel];
    }

    private static double Ssim(double[] x, double[] y)
    {
        double mx = x.Average(), my = y.Average(), degrees = x.Length - 1;
        double vx = x.Sum(v => (v - mx) * (v - mx)) / degrees, vy = y.Sum(v => (v - my) * (v - my)) / degrees, covariance = x.Zip(y, (u, v) => (u - mx) * (v - my)).Sum() / degrees;
        return (2 * mx * my + 2.55 * 2.55) * (2 * covariance + 7.65 * 7.65) / ((mx * mx + my * my + 2.55 * 2.55) * (vx + vy + 7.65 * 7.65));
    }

    [Fact]
    public void AgreesWithTheMeasuresOfTheGoldenStatistics()
    {
        RgbImage a = TestImages.Textured(50, 41), b = TestImages.Textured(50, 41);
        for (int i = 0; i < b.Pixels.Length; i += 3)
            b.Pixels[i] = (byte)(b.Pixels[i] / 2);
        Dictionary<string, double[]> expected = Measures.Of(a, b);
        var difference = ImageDifference.Between(a, b);
        Assert.Equal(expected["ssim"][0], difference.Ssim, 9);
        Assert.Equal(expected["psnr"][0], difference.Psnr, 9);
        Assert.Equal(expected["changed_share"][0], difference.ChangedShare, 12);
    }

    [Fact]
    public void SizesMustAgree() => Assert.Throws<ArgumentException>(() => ImageDifference.Between(new RgbImage(2, 3), new RgbImage(3, 2)));
}
