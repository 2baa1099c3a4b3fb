using System.CommandLine;
using System.Globalization;
using Roma.Core;
using Roma.Models;
using Roma.Models.Checkpoints;
using Roma.Models.Processing;
using Spectre.Console;

namespace Roma.Cli.Verbs;

internal sealed partial class ModelVerb
{
    private sealed class Info : Verb
    {
        public Info(Terminal terminal) : base("info", "Describe a model folder from its headers, without loading the weights.",
            "roma model info models/nano",
            "roma model info models/qwen3-vl-2b --image photo.jpg     # and how many tokens the picture takes")
        {
            var directory = new Argument<string>("directory") { Description = "A Hugging Face folder: config.json, safetensors weights, tokenizer.json." };
            Add(directory);
            Option<string?> image = Option<string>("--image", "A picture: show its grid and its number of tokens.");
            SetAction(result => Run(terminal, result.GetRequiredValue(directory), result.GetValue(image)));
        }

        public override bool UsesTorch => false;

        private static int Run(Terminal terminal, string directory, string? image)
        {
            using Checkpoint checkpoint = Checkpoint.Open(directory);
            ModelConfig config = ModelConfig.Load(checkpoint);
            TextConfig text = config.Text;
            VisionConfig vision = config.Vision;
            TensorInfo[] weights = [.. checkpoint.Keys.Select(checkpoint.Info)];
            long parameters = weights.Sum(weight => weight.Count);
            var facts = new Table().AddColumns("what", "value").HideHeaders().Border(TableBorder.None);
            Add("architecture", config.Architecture + (VisionLanguageModel.Architectures.Contains(config.Architecture) ? "" : " (not supported)"));
            foreach (IGrouping<string, string> part in checkpoint.Keys.GroupBy(Part).OrderBy(group => group.Key, StringComparer.Ordinal))
                Add(part.Key, $"{Number(part.Sum(key => checkpoint.Info(key).Count))} parameters");
            Add("in all", $"{Number(parameters)} parameters{(config.TieWordEmbeddings ? ", the head is the embedding" : "")}");
            Add("stored as", $"{string.Join(", ", weights.Select(weight => weight.Type.ToString()).Distinct())}, {Size(weights.Sum(weight => weight.Bytes))}");
            Add("memory of the weights", $"{Size(4 * parameters)} in float32, {Size(2 * parameters)} in bfloat16");
            Add("memory of training", $"{Size(16 * parameters)} with gradients and AdamW in float32, activations not counted");
            Add("memory of a cached token", Size(8L * text.Layers * text.KeyValueHeads * text.HeadDim) + " in float32");
            Add("language model", $"{text.Layers} layers of width {text.HiddenSize}, {text.Heads} heads of {text.HeadDim} ({text.KeyValueHeads} for keys and values), {text.VocabSize} embedding rows, {text.MaxPositions} positions");
            Add("vision tower", $"{vision.Depth} blocks of width {vision.HiddenSize}, {vision.Heads} heads; {vision.PatchSize}x{vision.PatchSize} patches, {vision.SpatialMergeSize}x{vision.SpatialMergeSize} of them a token");
            if (image is not null)
            {
                RgbImage picture = ImageCodec.Load(image);
                var processor = new ImageProcessor(ImageSettings.Load(directory));
                Roma.Models.Processing.Grid grid = processor.GridOf(picture.Width, picture.Height);
                Add(Path.GetFileName(image), $"{picture.Width}x{picture.Height} pixels, {grid.W}x{grid.H} patches, {processor.TokenCount(picture.Width, picture.Height)} tokens");
            }
            terminal.Console.Write(facts);
            return Application.Done;

            void Add(string name, string value) => facts.AddRow(new Text(name), new Text(value));
        }

        private static string Part(string key) => key switch
        {
            _ when key.Contains("visual.", StringComparison.Ordinal) => "vision tower",
            _ when key.Contains("embed_tokens.", StringComparison.Ordinal) => "embedding",
            _ when key.StartsWith("lm_head.", StringComparison.Ordinal) => "head",
            _ => "language layers",
        };

        private static string Number(long count) => count.ToString("N0", CultureInfo.InvariantCulture);

        private static string Size(long bytes) => FormattableString.Invariant(bytes switch
        {
            < 1_000_000 => $"{bytes / 1e3:F1} kB",
            < 1_000_000_000 => $"{bytes / 1e6:F1} MB",
            _ => $"{bytes / 1e9:F1} GB",
        });
    }
}
