using BenchmarkDotNet.Attributes;
using Roma.Core;
using Roma.Corruptions;

namespace Roma.Benchmarks.Corruptions;

/// <summary>One picture under each corruption of the catalogue, at the middle severity.</summary>
[MemoryDiagnoser]
public class CorruptionBenchmarks
{
    private RgbImage _image = new(1, 1);
    private View _view = View.Clean;

    [Params(64, 512)]
    public int Side { get; set; }

    [Params(PixelScale.Absolute, PixelScale.Reference)]
    public PixelScale Scale { get; set; }

    [ParamsSource(nameof(Names))]
    public string Name { get; set; } = "";

    public static IEnumerable<string> Names => Catalogue.Default.Names;

    [GlobalSetup]
    public void Setup()
    {
        var random = CounterRandom.Of("benchmark", Side);
        _image = new RgbImage(Side, Side);
        for (int i = 0; i < _image.Pixels.Length; i++)
            _image.Pixels[i] = (byte)Math.Clamp(128 + 80 * Math.Sin(i / 3 % Side * 0.1) * Math.Cos(i / 3 / Side * 0.13) + random.Uniform(-9, 9), 0, 255);
        _view = new View(Name, 3, 1);
    }

    [Benchmark]
    public RgbImage Apply() => Catalogue.Default.Apply(_image, _view, "sample", 0, Scale);
}
