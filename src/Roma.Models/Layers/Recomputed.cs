using Roma.Models.Lora;
using TorchSharp;
using static TorchSharp.torch;

namespace Roma.Models.Layers;

/// <summary>
/// Gradient checkpointing (Chen et al., "Training deep nets with sublinear memory cost", 2016): a layer's intermediates are not kept for the backward pass but computed again there. The gradients
/// are those of the plain pass, bit for bit.
/// </summary>
internal static class Recomputed
{
    /// <summary>Applies a layer; where <paramref name="recompute"/> is set and gradients are recorded, only its inputs are kept.</summary>
    /// <param name="recompute">Whether to save memory.</param>
    /// <param name="layer">A function of its arguments and of parameters; the same result every time.</param>
    /// <param name="x">What it transforms.</param>
    /// <param name="constants">Further arguments, which need no gradient.</param>
    public static Tensor If(bool recompute, Func<Tensor, IReadOnlyList<Tensor>, Tensor> layer, Tensor x, params Tensor[] constants)
    {
        if (!recompute || !is_grad_enabled())
            return layer(x, constants);
        if (DropoutRows.Current is { } rows) // the backward pass drops what the forward pass dropped
        {
            Func<Tensor, IReadOnlyList<Tensor>, Tensor> inner = layer;
            layer = (input, given) =>
            {
                using DropoutRows.Scope _ = DropoutRows.Use(rows);
                return inner(input, given);
            };
        }
        // Without a graph at its input (frozen embeddings) the layer's own parameters would get no gradient.
        return Function.apply(x.requires_grad ? x : x.detach().requires_grad_(true), layer, constants);
    }

    private sealed class Function : autograd.SingleTensorFunction<Function>
    {
        public override string Name => nameof(Recomputed);

        public override Tensor forward(autograd.AutogradContext ctx, params object[] inputs)
        {
            (var x, var layer, var constants) = ((Tensor)inputs[0], (Func<Tensor, IReadOnlyList<Tensor>, Tensor>)inputs[1], (Tensor[])inputs[2]);
            ctx.save_for_backward([x, .. constants]);
            ctx.save_data("layer", layer);
            using IDisposable _ = no_grad();
            return layer(x, constants);
        }

        public override List<Tensor> backward(autograd.AutogradContext ctx, Tensor gradient)
        {
            using DisposeScope scope = NewDisposeScope();
            List<Tensor> saved = ctx.get_saved_variables();
            Tensor x = saved[0].detach().requires_grad_(true);
            using (enable_grad())
                autograd.backward([((Func<Tensor, IReadOnlyList<Tensor>, Tensor>)ctx.get_data("layer"))(x, saved[1..])], [gradient]);
            return [x.grad!.MoveToOuterDisposeScope(), null!, null!];
        }
    }
}
