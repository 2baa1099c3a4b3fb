using Roma.Core;

namespace Roma.Models.Processing;

/// <summary>
/// Multimodal rotary positions of Qwen2-VL to Qwen3-VL: text counts on in all three axes (time, height, width); a picture's tokens lie on their grid from the next
/// position on, and text goes on after the picture's longer side.
/// </summary>
public static class MRope
{
    /// <summary>Computes the positions of a prompt without padding.</summary>
    /// <param name="ids">Token ids, pictures expanded.</param>
    /// <param name="grids">The pictures' grids, in order.</param>
    /// <param name="imageToken">The id that stands for a token of a picture.</param>
    /// <param name="mergeSize">Side of the square of patches that becomes one token.</param>
    /// <param name="positions">Where to write: three rows (time, height, width) of <c>ids.Length</c>.</param>
    /// <returns>The position of the next token in all three axes; it is <c>ids.Length</c> where there are no pictures.</returns>
    /// <exception cref="RomaException">The picture tokens do not match the grids.</exception>
    public static int Fill(ReadOnlySpan<int> ids, IReadOnlyList<Grid> grids, int imageToken, int mergeSize, Span<int> positions)
    {
        Span<int> time = positions[..ids.Length], height = positions.Slice(ids.Length, ids.Length), width = positions.Slice(2 * ids.Length, ids.Length);
        int next = 0, image = 0;
        for (int i = 0; i < ids.Length;)
        {
            if (ids[i] != imageToken)
            {
                time[i] = height[i] = width[i] = next++;
                i++;
                continue;
            }
            Grid grid = image < grids.Count ? grids[image++] : throw Mismatch();
            (int rows, int columns) = (grid.H / mergeSize, grid.W / mergeSize);
            int tokens = grid.T * rows * columns;
            if (tokens > ids.Length - i || ids.Slice(i, tokens).ContainsAnyExcept(imageToken))
                throw Mismatch();
            for (int k = 0; k < tokens; k++, i++)
                (time[i], height[i], width[i]) = (next + k / (rows * columns), next + k / columns % rows, next + k % columns);
            next += Math.Max(grid.T, Math.Max(rows, columns));
        }
        return image == grids.Count ? next : throw Mismatch();

        RomaException Mismatch() => new($"The prompt's picture tokens do not match its {grids.Count} pictures.", "Do not write picture tokens into the text, and give each picture one place.");
    }
}
