using Roma.Core;
using Roma.Models;
using Roma.Models.Generation;
using Roma.Models.Layers;
using Roma.Models.Processing;
using Roma.Models.Qwen3Vl;
using TorchSharp;
using static TorchSharp.torch;

namespace Roma.Tests.Models.Generation;

/// <summary>Where no kernel of our own applies (here: heads 12 wide; on other devices: always), generation goes through libtorch's general operations.</summary>
public sealed class ComposedPathTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly DisposeScope _scope = NewDisposeScope();

    public void Dispose()
    {
        _scope.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public void Cached_decoding_is_the_forward_pass_over_all_tokens()
    {
        using IDisposable _ = no_grad();
        NanoModel.Create(_folder.Path, 2, deviation: 0.15, size: Qwen3VlSize.Nano with { HeadDim = 12, KeyValueHeads = 2, MropeSection = [2, 2, 2] });
        using VisionLanguageModel model = VisionLanguageModel.Load(_folder.Path);
        var images = new RgbImage[] { Picture(1), Picture(2), Picture(3) };
        Tensor patches = model.Patches(images, out Grid[] grids);
        TokenPrompt[] prompts = [model.Prompt("a", []), model.Prompt("compare them", grids[..2]), model.Prompt("read all digits of <image>", grids[2..])];
        VisionFeatures features = model.Network.Encode(patches, grids);
        IReadOnlyList<GeneratedSequence> replies = model.Generator().Generate(prompts, features, 2, new(7, 1.5), i => CounterRandom.Of("composed", i));
        Assert.True(replies.Select(reply => string.Join(' ', reply.Tokens)).Distinct().Count() > 3);
        int[] first = [0, 0, 2], count = [0, 2, 1];
        for (int r = 0; r < replies.Count; r++)
        {
            (TokenPrompt prompt, int[] reply) = (prompts[r / 2], replies[r].Tokens);
            (int, int, int)[] positions = [.. prompt.Positions, .. reply.Select((_, t) => (prompt.Next + t, prompt.Next + t, prompt.Next + t))];
            VisionFeatures? own = count[r / 2] == 0 ? null
                : new(Rows(features.Merged_MH, r / 2), [.. features.Deepstack_MH.Select(layer => Rows(layer, r / 2))]);
            Tensor hidden = model.Network.Forward(model.Network.Tokens([.. prompt.Ids, .. reply], positions, new PackedLayout([positions.Length], [])), own);
            Tensor logProbs = (model.Network.Normalize(hidden).mm(model.Network.Head_VH.t()).to(ScalarType.Float64) / 1.5).log_softmax(1);
            for (int t = 0; t < reply.Length; t++)
                Assert.InRange(Math.Abs(logProbs[prompt.Ids.Length + t - 1, reply[t]].item<double>() - replies[r].LogProbs[t]), 0, 1e-4);
        }

        Tensor Rows(Tensor all, int b) => all.narrow(0, 16 * first[b], 16 * count[b]);
    }

    private static RgbImage Picture(int seed)
    {
        var image = new RgbImage(64, 64);
        CounterRandom random = CounterRandom.Of("picture", seed);
        for (int i = 0; i < image.Pixels.Length; i++)
            image.Pixels[i] = (byte)random.NextUInt32();
        return image;
    }
}
