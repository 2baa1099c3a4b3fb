using System.Runtime.InteropServices;
using Roma.Core;

namespace Roma.Models.Processing;

/// <summary>Turns pictures into normalised patches as the Qwen-VL families expect them. Thread-safe.</summary>
public sealed class ImageProcessor
{
    private const int Channels = 3;
    private readonly float[][] _normalised; // [channel][byte]

    /// <summary>Prepares the tables of normalised values.</summary>
    /// <param name="settings">Patch sizes, area, mean and deviation.</param>
    public ImageProcessor(ImageSettings settings)
    {
        Settings = settings;
        _normalised = [.. Enumerable.Range(0, Channels).Select(c => Enumerable.Range(0, 256).Select(v => (v - settings.Mean[c] * 255f) / (settings.Std[c] * 255f)).ToArray())];
    }

    /// <summary>Patch sizes, area, mean and deviation.</summary>
    public ImageSettings Settings { get; }

    /// <summary>Floats a patch: channels x temporal copies x patch height x patch width.</summary>
    public int PatchLength => Channels * Settings.TemporalPatchSize * Settings.PatchSize * Settings.PatchSize;

    /// <summary>The grid that a picture of this size will have; nothing is computed but numbers.</summary>
    /// <param name="width">Width in pixels.</param>
    /// <param name="height">Height in pixels.</param>
    /// <exception cref="RomaException">The aspect ratio is above 200.</exception>
    public Grid GridOf(int width, int height)
    {
        (int h, int w) = SmartResize.Size(height, width, Settings.Factor, Settings.MinPixels, Settings.MaxPixels);
        return new Grid(1, h / Settings.PatchSize, w / Settings.PatchSize);
    }

    /// <summary>How many tokens a picture of this size will take in the prompt.</summary>
    /// <param name="width">Width in pixels.</param>
    /// <param name="height">Height in pixels.</param>
    /// <exception cref="RomaException">The aspect ratio is above 200.</exception>
    public int TokenCount(int width, int height) => GridOf(width, height).Tokens(Settings.MergeSize);

    /// <summary>Writes a picture's patches: resized where its size is not right, in merge order, each channel by channel, time, row, column.</summary>
    /// <param name="image">The picture.</param>
    /// <param name="patches">Where to write: exactly <c>GridOf(..).Patches * PatchLength</c> floats.</param>
    /// <returns>The grid.</returns>
    /// <exception cref="RomaException">The aspect ratio is above 200.</exception>
    public Grid Fill(RgbImage image, Span<float> patches)
    {
        Grid grid = GridOf(image.Width, image.Height);
        if (patches.Length != (long)grid.Patches * PatchLength)
            throw new ArgumentException($"{grid.Patches} patches need {(long)grid.Patches * PatchLength} floats, not {patches.Length}.");
        int side = Settings.PatchSize, merge = Settings.MergeSize;
        image = BicubicResize.Apply(image, grid.H * side, grid.W * side);
        for (int top = 0; top < grid.H; top += merge)
            for (int left = 0; left < grid.W; left += merge)
                for (int row = top; row < top + merge; row++)
                    for (int column = left; column < left + merge; column++)
                    {
                        FillPatch(image, row * side, column * side, patches[..PatchLength]);
                        patches = patches[PatchLength..];
                    }
        return grid;
    }

    /// <summary>Resizes, normalises and cuts pictures one after the other into one array.</summary>
    /// <param name="images">The pictures.</param>
    /// <exception cref="RomaException">An aspect ratio is above 200.</exception>
    public (float[] Patches, Grid[] Grids) Process(IReadOnlyList<RgbImage> images)
    {
        Grid[] grids = [.. images.Select(image => GridOf(image.Width, image.Height))];
        float[] patches = new float[grids.Sum(grid => (long)grid.Patches) * PatchLength];
        int start = 0;
        for (int i = 0; i < grids.Length; start += grids[i++].Patches * PatchLength)
            Fill(images[i], patches.AsSpan(start, grids[i].Patches * PatchLength));
        return (patches, grids);
    }

    private void FillPatch(RgbImage image, int y, int x, Span<float> patch)
    {
        int side = Settings.PatchSize, area = side * side, stride = image.Width * Channels;
        for (int channel = 0; channel < Channels; channel++)
        {
            ref float table = ref MemoryMarshal.GetArrayDataReference(_normalised[channel]);
            Span<float> plane = patch.Slice(channel * Settings.TemporalPatchSize * area, Settings.TemporalPatchSize * area);
            for (int row = 0; row < side; row++)
            {
                ReadOnlySpan<byte> from = image.Pixels.AsSpan((y + row) * stride + x * Channels + channel, (side - 1) * Channels + 1);
                Span<float> to = plane.Slice(row * side, side);
                for (int i = 0; i < to.Length; i++)
                    to[i] = System.Runtime.CompilerServices.Unsafe.Add(ref table, from[i * Channels]);
            }
            for (int copy = 1; copy < Settings.TemporalPatchSize; copy++)
                plane[..area].CopyTo(plane[(copy * area)..]);
        }
    }
}
