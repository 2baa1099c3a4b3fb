using Roma.Training.Advantages;
using static TorchSharp.torch;

namespace Roma.Training.Losses;

/// <summary>The constants of a micro-batch, made on the host in double and brought to the device in one copy; each [N, T].</summary>
internal sealed class TokenWeights
{
    /// <param name="rows">The micro-batch.</param>
    /// <param name="counted">Whether a response is in the step, [N].</param>
    /// <param name="gate">Whether the consistency term is for it, [N].</param>
    /// <param name="policy">Aggregation and clip range.</param>
    /// <param name="step">The whole step's denominators.</param>
    /// <param name="like">Gives type and device.</param>
    public TokenWeights(Trajectories rows, bool[] counted, bool[] gate, PolicySettings policy, StepDenominators step, Tensor like)
    {
        double perToken = 1.0 / Math.Max(1, step.Tokens);
        int size = rows.Count * rows.Length;
        var planes = new double[7 * size]; // flat: TorchSharp copies arrays of several dimensions through boxed elements
        for (int i = 0, at = 0; i < rows.Count; i++)
        {
            double weight = counted[i] ? policy.Aggregation.Weight(rows.Tokens[i], step) : 0;
            for (int t = 0; t < rows.Length; t++, at++)
            {
                if (rows.Mask[i, t])
                {
                    planes[at] = weight;
                    planes[size + at] = gate[i] ? weight : 0;
                    planes[2 * size + at] = counted[i] ? perToken : 0;
                    planes[3 * size + at] = 1.0 / rows.Tokens[i];
                }
                double advantage = rows.Advantage is { } values ? values[i, t] : 0;
                planes[4 * size + at] = -advantage;
                planes[5 * size + at] = advantage < 0 ? 1 - policy.ClipLow : 0;
                planes[6 * size + at] = advantage < 0 ? policy.DualClip ?? double.PositiveInfinity : 1 + policy.ClipHigh;
            }
        }
        Tensor[] uploaded = Upload(planes, rows, like).unbind();
        (Weight, Gated, PerToken, Mean) = (uploaded[0], uploaded[1], uploaded[2], uploaded[3]);
        (NegatedAdvantage, Lower, Upper) = (uploaded[4], uploaded[5], uploaded[6]);
    }

    /// <summary>The aggregation's weights; 0 where nothing counts.</summary>
    public Tensor Weight { get; }

    /// <summary>The same, 0 where the gate is shut.</summary>
    public Tensor Gated { get; }

    /// <summary>One over the number of counted tokens of the step, on counted tokens.</summary>
    public Tensor PerToken { get; }

    /// <summary>One over the response's own number of tokens.</summary>
    public Tensor Mean { get; }

    /// <summary>Minus the advantage.</summary>
    public Tensor NegatedAdvantage { get; }

    /// <summary>The ratio's lower bound.</summary>
    public Tensor Lower { get; }

    /// <summary>The ratio's upper bound.</summary>
    public Tensor Upper { get; }

    /// <summary>Just <see cref="Mean"/>.</summary>
    public static Tensor MeanOf(Trajectories rows, Tensor like)
    {
        var plane = new double[rows.Count * rows.Length];
        for (int i = 0; i < plane.Length; i++)
        {
            (int row, int token) = Math.DivRem(i, rows.Length);
            plane[i] = rows.Mask[row, token] ? 1.0 / rows.Tokens[row] : 0;
        }
        return Upload(plane, rows, like).squeeze(0);
    }

    private static Tensor Upload(double[] planes, Trajectories rows, Tensor like) => tensor(planes, [planes.Length / (rows.Count * rows.Length), rows.Count, rows.Length]).to(like.dtype).to(like.device);
}
