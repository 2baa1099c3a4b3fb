using BenchmarkDotNet.Attributes;
using OpenCvSharp;
using Roma.Core;
using Roma.Corruptions;

namespace Roma.Benchmarks.Corruptions;

/// <summary>One picture under each corruption of the catalogue, at the middle severity, on one thread, beside a Gaussian blur of it.</summary>
[MemoryDiagnoser, ShortRunJob]
public class CorruptionBenchmarks
{
    private RgbImage _image = new(1, 1);
    private Mat _from = new(), _to = new();
    private View _view = View.Clean;

    [Params("640x480", "1920x1080")]
    public string Size { get; set; } = "1x1";

    [ParamsSource(nameof(Names))]
    public string Name { get; set; } = "";

    public static IEnumerable<string> Names => Catalogue.Default.Names;

    [GlobalSetup]
    public void Setup()
    {
        Cv2.SetNumThreads(1);
        int[] sides = [.. Size.Split('x').Select(int.Parse)];
        _image = BenchmarkPictures.Photo(sides[0], sides[1]);
        (_from, _to) = (Mat.FromPixelData(_image.Height, _image.Width, MatType.CV_8UC3, _image.Pixels), new Mat());
        _view = new View(Name, 3, 1);
    }

    [GlobalCleanup]
    public void Cleanup()
    {
        _from.Dispose();
        _to.Dispose();
        _image.Dispose();
    }

    [Benchmark(Baseline = true)]
    public void Blur() => Cv2.GaussianBlur(_from, _to, new Size(0, 0), 3);

    [Benchmark]
    public void Apply() => Catalogue.Default.Apply(_image, _view, "sample").Dispose();
}
