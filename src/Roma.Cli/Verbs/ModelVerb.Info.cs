using System.CommandLine;
using System.Globalization;
using Roma.Core;
using Roma.Models.Checkpoints;
using Roma.Models.Families;
using Roma.Models.Lora;
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
            (TextConfig text, VisionConfig vision) = (config.Text, config.Vision);
            TensorInfo[] weights = [.. checkpoint.Keys.Select(checkpoint.Info)];
            long parameters = weights.Sum(weight => weight.Count), stored = weights.Sum(weight => weight.Bytes), lora = LoraParameters(checkpoint);
            string? family = ModelFamilies.All.Where(f => f.Value.Architecture == config.Architecture).Select(f => f.Key).FirstOrDefault();
            var facts = new Table().AddColumns("what", "value").HideHeaders().Border(TableBorder.None);
            Add("family", $"{family ?? "not supported"} ({config.Architecture})");
            foreach (IGrouping<string, string> part in checkpoint.Keys.GroupBy(Part).OrderBy(group => group.Key, StringComparer.Ordinal))
                Add(part.Key, $"{Number(part.Sum(key => checkpoint.Info(key).Count))} parameters");
            Add("in all", $"{Number(parameters)} parameters{(config.TieWordEmbeddings ? ", the head is the embedding" : "")}");
            Add("stored as", $"{string.Join(", ", weights.Select(weight => weight.Type.ToString()).Distinct())}, {ByteSize.Format(stored)}");
            Add("memory to load", $"{ByteSize.Format(4 * parameters)} in float32, {ByteSize.Format(2 * parameters)} in bfloat16; no more while loading");
            Add("memory to train all", $"{ByteSize.Format(16 * parameters)}: weights, gradients and AdamW's two means in float32; activations not counted");
            Add("memory to train LoRA", $"{ByteSize.Format(4 * parameters + 16 * lora)} over float32 weights, {ByteSize.Format(2 * parameters + 16 * lora)} over bfloat16; rank 16 on the language model's linear layers, {Number(lora)} parameters");
            Add("memory of a cached token", ByteSize.Format(8L * text.Layers * text.KeyValueHeads * text.HeadDim) + " in float32, half of it in bfloat16");
            Add("language model", $"{text.Layers} layers of width {text.HiddenSize}, {text.Heads} heads of {text.HeadDim} ({text.KeyValueHeads} for keys and values), {text.VocabSize} embedding rows, {text.MaxPositions} positions");
            Add("vision tower", $"{vision.Depth} blocks of width {vision.HiddenSize}, {vision.Heads} heads; {vision.PatchSize}x{vision.PatchSize} patches, {vision.SpatialMergeSize}x{vision.SpatialMergeSize} of them a token"
                + (vision.WindowSize > 0 ? $"; attention within {vision.WindowSize} pixels, in {vision.FullAttentionLayers.Count} blocks beyond" : ""));
            var processor = new ImageProcessor(ImageSettings.Load(directory));
            Add("a picture takes", $"{processor.Settings.MinPixels / (processor.Settings.Factor * processor.Settings.Factor)} to {processor.Settings.MaxPixels / (processor.Settings.Factor * processor.Settings.Factor)} tokens, of 512x512 pixels {processor.TokenCount(512, 512)}");
            if (image is not null)
            {
                RgbImage picture = ImageCodec.Load(image);
                Roma.Models.Processing.Grid grid = processor.GridOf(picture.Width, picture.Height);
                Add(Path.GetFileName(image), $"{picture.Width}x{picture.Height} pixels, {grid.W}x{grid.H} patches, {processor.TokenCount(picture.Width, picture.Height)} tokens");
            }
            terminal.Console.Write(facts);
            return Application.Done;

            void Add(string name, string value) => facts.AddRow(new Text(name), new Text(value));
        }

        /// <summary>Rows and columns of each matrix that the usual adapter covers, times its rank.</summary>
        private static long LoraParameters(Checkpoint checkpoint)
        {
            string[] layers = LoraSettings.LanguageModel[(LoraSettings.LanguageModel.IndexOf('(') + 1)..^1].Split('|');
            return checkpoint.Keys.Where(key => Part(key) == "language layers" && layers.Any(layer => key.EndsWith($".{layer}.weight", StringComparison.Ordinal)))
                .Sum(key => new LoraSettings().Rank * checkpoint.Info(key).Shape.Sum());
        }

        private static string Part(string key) => key switch
        {
            _ when key.Contains("visual.", StringComparison.Ordinal) => "vision tower",
            _ when key.Contains("embed_tokens.", StringComparison.Ordinal) => "embedding",
            _ when key.StartsWith("lm_head.", StringComparison.Ordinal) => "head",
            _ => "language layers",
        };

        private static string Number(long count) => count.ToString("N0", CultureInfo.InvariantCulture);
    }
}
