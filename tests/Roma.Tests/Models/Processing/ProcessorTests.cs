using System.Text.Json;
using System.Text.Json.Nodes;
using Roma.Core;
using Roma.Models.Chat;
using Roma.Models.Checkpoints;
using Roma.Models.Processing;
using Roma.Tests.Models.Chat;

namespace Roma.Tests.Models.Processing;

public class ProcessorTests
{
    [SkippableTheory]
    [Trait("Category", "Golden")]
    [MemberData(nameof(Golden.Folders), "models", "*/cases/*", MemberType = typeof(Golden))]
    public void GoldenPromptsAreEncodedAlike(string relative)
    {
        string folder = Golden.PathOf(relative), model = Path.GetFullPath(Path.Combine(folder, "../.."));
        var processor = Processor.Load(Path.Combine(model, "checkpoint"));
        JsonNode expected = JsonNode.Parse(File.ReadAllText(Path.Combine(folder, "case.json")))!;
        string[] responses = expected["responses"].Deserialize<string[]>()!;
        using var tensors = SafetensorsFile.Open(Path.Combine(folder, "tensors.safetensors"));
        (long[] shape, long[] ids) = Read("input_ids");
        long[] mask = Read("attention_mask").Values, promptIds = Read("prompt_ids").Values, promptMask = Read("prompt_mask").Values;
        int length = (int)shape[1], promptLength = promptIds.Length / responses.Length;
        var patches = new List<float>();
        var grids = new List<Grid>();
        for (int row = 0; row < responses.Length; row++)
        {
            JsonArray conversation = expected["conversations"]![row]!.AsArray();
            RgbImage[] images = [.. ChatFormatTests.ImagesOf(conversation).Select(name => Png.Read(Path.Combine(model, "images", name)))];
            EncodedPrompt prompt = processor.Encode(ChatFormatTests.Messages(conversation), images);
            int[] whole = [.. prompt.InputIds, .. processor.Tokenizer.Encode(responses[row])];
            Assert.Equal(Padded(prompt.InputIds, promptLength), promptIds[(row * promptLength)..((row + 1) * promptLength)]);
            Assert.Equal(prompt.InputIds.Length, promptMask[(row * promptLength)..((row + 1) * promptLength)].Sum());
            Assert.Equal(whole.Length, mask[(row * length)..((row + 1) * length)].Sum());
            Assert.Equal(whole.Select(id => (long)id), ids[((row + 1) * length - whole.Length)..((row + 1) * length)]);
            if (tensors.Tensors.ContainsKey("mm_token_type_ids"))
                Assert.Equal(whole.Select(id => id == processor.ImageToken ? 1L : 0), Read("mm_token_type_ids").Values[((row + 1) * length - whole.Length)..((row + 1) * length)]);
            AssertPositions(row, whole, prompt.Grids);
            patches.AddRange(prompt.Patches);
            grids.AddRange(prompt.Grids);
        }
        Assert.Equal(tensors.Tensors.ContainsKey("image_grid_thw"), grids.Count > 0);
        if (grids.Count == 0)
            return;
        Assert.Equal(Read("image_grid_thw").Values, grids.SelectMany(grid => new long[] { grid.T, grid.H, grid.W }));
        using TorchSharp.torch.Tensor pixels = tensors.Read("pixel_values");
        float[] reference = [.. pixels.data<float>()];
        Assert.Equal(reference.Length, patches.Count);
        float worst = patches.Zip(reference, (a, b) => Math.Abs(a - b)).Max();
        Assert.True(worst <= 1 / 127f, $"pixel_values differ by up to {worst}");

        long[] Padded(int[] values, int to) => [.. Enumerable.Repeat((long)processor.PadToken, to - values.Length), .. values.Select(value => (long)value)];

        void AssertPositions(int row, int[] whole, IReadOnlyList<Grid> own)
        {
            (int[] positions, int next) = processor.Positions(whole, own);
            Assert.Equal(positions.Max() + 1, next);
            if (!tensors.Tensors.ContainsKey("position_ids"))
            {
                Assert.Equal(Enumerable.Range(0, 3 * whole.Length).Select(i => i % whole.Length), positions);
                return;
            }
            long[] all = Read("position_ids").Values;
            for (int axis = 0; axis < 3; axis++)
            {
                int end = (axis * responses.Length + row + 1) * length;
                Assert.Equal(all[(end - whole.Length)..end], positions[(axis * whole.Length)..((axis + 1) * whole.Length)].Select(position => (long)position));
            }
        }

        (long[] Shape, long[] Values) Read(string name)
        {
            using TorchSharp.torch.Tensor tensor = tensors.Read(name);
            return (tensor.shape, [.. tensor.data<long>()]);
        }
    }

    [SkippableTheory]
    [Trait("Category", "Golden")]
    [MemberData(nameof(Golden.Folders), "models", "*/checkpoint", MemberType = typeof(Golden))]
    public void PictureTokensInTheTextAreRefused(string relative)
    {
        var processor = Processor.Load(Golden.PathOf(relative));
        Assert.Throws<RomaException>(() => processor.Encode([Message.User("What is <|image_pad|>?", 1)], [new RgbImage(64, 64)]));
        Assert.Throws<RomaException>(() => processor.Encode([Message.User("What is this?", 1)], []));
        Assert.Throws<RomaException>(() => processor.Positions([processor.ImageToken, 1], [new Grid(1, 4, 4)]));
        Assert.Throws<RomaException>(() => processor.Positions([1], [new Grid(1, 4, 4)]));
    }
}
