using Roma.Models;
using Roma.Models.Lora;
using Roma.Models.Processing;
using Roma.Models.Scoring;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using Linear = Roma.Models.Layers.Linear;

namespace Roma.Tests.Models.Lora;

public sealed class AdapterDropoutTests(NanoFixture nano) : IClassFixture<NanoFixture>, IDisposable
{
    private static readonly string[] Everywhere = ["q_proj", "o_proj", "down_proj", "attn.qkv", "linear_fc1"];
    private readonly DisposeScope _scope = NewDisposeScope();

    public void Dispose() => _scope.Dispose();

    [Fact]
    public void A_layer_multiplies_its_adapters_input_with_a_mask_over_what_is_kept()
    {
        const int Width = 400, Rows = 300;
        const double Rate = 0.3, Scale = 2;
        using var linear = new Linear(Width, Width, hasBias: false);
        (Parameter a, Parameter b) = linear.Attach(new(rank: Width, alpha: Scale * Width, dropout: Rate), "layer");
        using IDisposable _ = no_grad();
        linear.weight.zero_();
        a.copy_(eye(Width));
        b.copy_(eye(Width));
        Tensor x = rand(Rows, Width) + 0.5f, plain = linear.forward(x);
        Assert.True(plain.allclose(x * (float)Scale));
        using DropoutRows.Scope pass = DropoutRows.Use(DropoutRows.Of([Rows], [7]));
        Tensor ratio = linear.forward(x) / plain, kept = ratio != 0;
        Assert.True(ratio.masked_select(kept).allclose(tensor((float)(1 / (1 - Rate)))));
        double n = Rows * Width, expected = n * (1 - Rate);
        Assert.InRange(kept.sum().item<long>(), expected - 4 * Math.Sqrt(expected * Rate), expected + 4 * Math.Sqrt(expected * Rate));
        Tensor other = NewMask("layer", 8), elsewhere = NewMask("another", 7);
        Assert.All(new[] { other, elsewhere }, mask => Assert.InRange((mask == kept).to(float64).mean().item<double>(), 0.57, 0.59)); // 0.7 x 0.7 + 0.3 x 0.3: independent
        Assert.True(NewMask("layer", 7).equal(kept).all().item<bool>());

        Tensor NewMask(string name, ulong key)
        {
            using var twin = new Linear(Width, Width, hasBias: false);
            (Parameter ta, Parameter tb) = twin.Attach(new(rank: Width, alpha: Width, dropout: Rate), name);
            twin.weight.zero_();
            ta.copy_(eye(Width));
            tb.copy_(eye(Width));
            using DropoutRows.Scope inner = DropoutRows.Use(DropoutRows.Of([Rows], [key]));
            return twin.forward(x) != 0;
        }
    }

    [Fact]
    public void What_a_token_drops_depends_on_its_keys_alone()
    {
        using VisionLanguageModel model = Adapted(0.2);
        int[][] responses = [[5, 9, 40, 2], [7, 2], [11, 12, 13]];
        int[] owners = [0, 0, 1], asked = [0, 3];
        ulong[] prompts = [100, 200], keys = [DropoutKeys.OfResponse(100, 0), DropoutKeys.OfResponse(100, 1), DropoutKeys.OfResponse(200, 0)];
        using IDisposable _ = no_grad();
        Tensor together = Score(asked, prompts, responses, owners, keys);
        for (int r = 0; r < responses.Length; r++)
        {
            Tensor alone = Score([asked[owners[r]]], [prompts[owners[r]]], [responses[r]], [0], [keys[r]]);
            Assert.True(together[r].allclose(alone[0], 0, 1e-5), $"response {r}");
        }
        Tensor swapped = Score(asked, prompts, responses, owners, [keys[1], keys[0], keys[2]]), otherPrompt = Score(asked, [100, 201], responses, owners, keys);
        Assert.True(swapped.select(1, 0).allclose(together.select(1, 0), 0, 1e-5), "a first token is predicted by the prompt");
        Assert.True((swapped - together).abs()[0, 1].item<float>() > 1e-4);
        Assert.True((otherPrompt - together).abs()[2, 0].item<float>() > 1e-4);
        Assert.True(otherPrompt.narrow(0, 0, 2).allclose(together.narrow(0, 0, 2), 0, 1e-5));

        Tensor Score(int[] questions, ulong[] promptKeys, int[][] rows, int[] of, ulong[] responseKeys)
        {
            Tensor patches = model.Patches([.. questions.SelectMany(q => nano.Images[q])], out Grid[] grids);
            return TeacherForcing.Rows(model.Network, [.. questions.Select(nano.Prompt)], model.Network.Encode(patches, grids, [.. promptKeys.Select(key => DropoutKeys.OfPicture(key, 0))]),
                rows, of, width: 4, dropout: new(promptKeys, responseKeys)).LogProbs();
        }
    }

    [Fact]
    public void Recomputed_layers_drop_the_same_again()
    {
        double[] plain = Gradient(false), again = Gradient(true);
        double largest = plain.Max(Math.Abs);
        Assert.True(largest > 0);
        Assert.InRange(plain.Zip(again).Max(pair => Math.Abs(pair.First - pair.Second)), 0, 1e-5 * largest);

        double[] Gradient(bool recompute)
        {
            using VisionLanguageModel model = Adapted(0.4);
            model.Network.Recompute = recompute;
            Tensor patches = model.Patches(nano.Images[0], out Grid[] grids);
            TeacherForcing.Rows(model.Network, [nano.Prompt(0)], model.Network.Encode(patches, grids, [3]), [[5, 9, 40, 2]], dropout: new([1], [2])).LogProbs().sum().backward();
            return [.. model.Network.parameters().Where(p => p.requires_grad).SelectMany(p => p.grad!.data<float>().ToArray()).Select(x => (double)x)];
        }
    }

    /// <summary>The model with an adapter on parts of both towers that changes much.</summary>
    private VisionLanguageModel Adapted(double dropout)
    {
        VisionLanguageModel model = VisionLanguageModel.Load(nano.Model.Directory);
        LoraAdapter adapter = LoraAdapter.Create(model, new(rank: 4, alpha: 8, targets: Everywhere, dropout: dropout), seed: 1);
        using IDisposable _ = no_grad();
        foreach ((string name, Parameter parameter) in adapter.Parameters.Where(p => p.Name.Contains("lora_B")))
            parameter.copy_(rand(parameter.shape, generator: new Generator((ulong)name.Length)) * 0.4f - 0.2f);
        return model;
    }
}
