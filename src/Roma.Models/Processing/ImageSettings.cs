using System.Text.Json.Nodes;
using Roma.Core;
using Roma.Models.Checkpoints;

namespace Roma.Models.Processing;

/// <summary>How pictures become patches.</summary>
/// <param name="PatchSize">Side of a patch in pixels, 1 to 256.</param>
/// <param name="MergeSize">Side of the square of patches that becomes one token, 1 to 16.</param>
/// <param name="TemporalPatchSize">How often a picture is repeated in time, 1 to 16.</param>
/// <param name="MinPixels">Smallest area after resizing.</param>
/// <param name="MaxPixels">Largest area after resizing, at most 2^28.</param>
/// <param name="Mean">Mean of R, G, B in [0, 1].</param>
/// <param name="Std">Standard deviation of R, G, B, above 0.</param>
public sealed record ImageSettings(
    int PatchSize, int MergeSize, int TemporalPatchSize, long MinPixels, long MaxPixels, IReadOnlyList<float> Mean, IReadOnlyList<float> Std)
{
    private const int Bicubic = 3;

    /// <summary>What both sides of a resized picture are multiples of.</summary>
    public int Factor => PatchSize * MergeSize;

    /// <summary>
    /// Reads a model folder: the image processor within <c>processor_config.json</c> where it holds one, else <c>preprocessor_config.json</c>; the area as
    /// <c>size.shortest_edge</c> and <c>longest_edge</c> or as <c>min_pixels</c> and <c>max_pixels</c>, which win.
    /// </summary>
    /// <param name="directory">The model folder.</param>
    /// <exception cref="RomaException">Files or keys are missing, values out of range, or the processor works in another way.</exception>
    public static ImageSettings Load(string directory)
    {
        string file = Path.Combine(directory, "processor_config.json");
        if (File.Exists(file) && JsonFile.ReadObject(file)["image_processor"] is JsonObject nested)
            return Parse(nested, file);
        file = Path.Combine(directory, "preprocessor_config.json");
        return Parse(JsonFile.ReadObject(file), file);
    }

    internal static ImageSettings Parse(JsonObject json, string where)
    {
        var reader = new ConfigReader(json, where);
        var settings = new ImageSettings(
            reader.Int("patch_size", 1, 256), reader.Int("merge_size", 1, 16), reader.Int("temporal_patch_size", 1, 16),
            reader.Int(["min_pixels", "size.shortest_edge"], 1, 1 << 28), reader.Int(["max_pixels", "size.longest_edge"], 1, 1 << 28),
            Triple("image_mean", -10), Triple("image_std", 1e-6));
        foreach (string step in new[] { "do_resize", "do_rescale", "do_normalize" })
            reader.Demand(reader.Bool(step, true), $"{step} is false; only pictures that are resized, rescaled and normalised are supported");
        reader.Demand(reader.Int("resample", 0, 9, Bicubic) == Bicubic, $"resample is not {Bicubic} (bicubic)");
        reader.Demand(Math.Abs(reader.Double("rescale_factor", 0, 1, 1.0 / 255) - 1.0 / 255) < 1e-9, "rescale_factor is not 1/255");
        reader.Demand(settings.MinPixels <= settings.MaxPixels, "the smallest area is above the largest");
        reader.ThrowIfFaulty();
        return settings;

        float[] Triple(string key, double min)
        {
            float[] values = [.. reader.Doubles(key, min, 10).Select(value => (float)value)];
            reader.Demand(values.Length == 3, $"{key} has {values.Length} values, not 3");
            return values;
        }
    }
}
