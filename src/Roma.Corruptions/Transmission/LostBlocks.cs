using Roma.Core;
using Roma.Corruptions.Operators;

namespace Roma.Corruptions.Transmission;

/// <summary>Packets that never came: square blocks stay gray, or repeat the block to their left.</summary>
/// <param name="Share">Share of the blocks that are lost, 0 to 1; at least one.</param>
/// <param name="Block">Their side in pixels, 1 to 1000.</param>
[Name("lost_blocks")]
public sealed record LostBlocks(double Share, double Block) : StochasticCorruption
{
    private const byte Gray = 128;
    private const double Repeated = 0.4; // of the lost ones

    /// <summary>Share of the blocks that are lost.</summary>
    public double Share { get; init; } = Guard.InRange(Share, 0, 1, "of the blocks");

    /// <summary>Their side in pixels.</summary>
    public double Block { get; init; } = Guard.InRange(Block, 1, 1000, "pixels");

    /// <inheritdoc/>
    public override void Draw(int width, int height, CounterRandom random, Fields fields) => Draws.Uniform(random, fields.Add("lost", Count(width) * Count(height)));

    /// <inheritdoc/>
    public override RgbImage Apply(RgbImage image, Fields fields, Fidelity fidelity = Fidelity.Rounded)
    {
        RgbImage result = image.Clone();
        ReadOnlySpan<float> lost = fields["lost"];
        double limit = Draws.AtLeastOne(lost, Share);
        for (int i = 0, columns = Count(image.Width); i < lost.Length; i++)
        {
            if (lost[i] > limit)
                continue;
            (int left, int right) = (Edge(i % columns, image.Width), Edge(i % columns + 1, image.Width));
            int source = 2 * left - right;
            for (int y = Edge(i / columns, image.Height); y < Edge(i / columns + 1, image.Height); y++)
            {
                Span<byte> row = result.Pixels.AsSpan(3 * y * image.Width, 3 * image.Width), block = row[(3 * left)..(3 * right)];
                if (source >= 0 && lost[i] < Repeated * Share)
                    row.Slice(3 * source, block.Length).CopyTo(block);
                else
                    block.Fill(Gray);
            }
        }
        return result;
    }

    /// <inheritdoc/>
    public override ICorruption Scaled(double factor) => this with { Block = Math.Max(1, Block * factor) };

    private int Count(int side) => (int)Math.Ceiling(side / Block);

    private int Edge(int index, int side) => Math.Min(side, (int)Math.Round(index * Block));
}
