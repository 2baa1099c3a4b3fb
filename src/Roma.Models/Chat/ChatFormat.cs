using System.Text;
using Roma.Core;

namespace Roma.Models.Chat;

/// <summary>
/// How a family of models writes a conversation as text: turns between <c>&lt;|im_start|&gt;role</c> and <c>&lt;|im_end|&gt;</c>, a picture as
/// <c>&lt;|vision_start|&gt;&lt;|image_pad|&gt;&lt;|vision_end|&gt;</c>. Written out instead of running the checkpoint's own template, which is a program.
/// </summary>
/// <param name="DefaultSystem">The system turn put first where a conversation starts without one; null for none.</param>
/// <param name="HidesReasoning">Whether <c>&lt;think&gt;</c> blocks of answers before the last question are left out, and the last answer always has one.</param>
public sealed record ChatFormat(string? DefaultSystem = null, bool HidesReasoning = false)
{
    /// <summary>What a picture is rendered as; the pad is later repeated once per image token.</summary>
    public const string ImageText = "<|vision_start|><|image_pad|><|vision_end|>";
    private const string ThinkStart = "<think>", ThinkEnd = "</think>";

    /// <summary>Qwen3-VL.</summary>
    public static ChatFormat Qwen3Vl { get; } = new();

    /// <summary>Qwen2.5-VL and Qwen2-VL.</summary>
    public static ChatFormat Qwen25Vl { get; } = new(DefaultSystem: "You are a helpful assistant.");

    /// <summary>Qwen3, text only.</summary>
    public static ChatFormat Qwen3 { get; } = new(HidesReasoning: true);

    /// <summary>The format of an architecture.</summary>
    /// <param name="architecture">The first of <c>architectures</c> in <c>config.json</c>.</param>
    /// <exception cref="RomaException">It is not known.</exception>
    public static ChatFormat Of(string architecture) => Families.ModelFamilies.Of(architecture).Chat;

    /// <summary>The same as a Jinja template (reasoning aside), as other programs want to read it.</summary>
    public string Template => "{%- for message in messages -%}" +
        (DefaultSystem is null ? "" : "{%- if loop.first and message.role != 'system' -%}{{- '<|im_start|>system\\n" + DefaultSystem + "<|im_end|>\\n' -}}{%- endif -%}") +
        "{{- '<|im_start|>' + message.role + '\\n' -}}" +
        "{%- if message.content is string -%}{{- message.content -}}{%- else -%}{%- for part in message.content -%}" +
        "{%- if part.type == 'image' -%}{{- '" + ImageText + "' -}}{%- else -%}{{- part.text -}}{%- endif -%}{%- endfor -%}{%- endif -%}" +
        "{{- '<|im_end|>\\n' -}}{%- endfor -%}{%- if add_generation_prompt -%}{{- '<|im_start|>assistant\\n' -}}{%- endif -%}";

    /// <summary>Renders a conversation.</summary>
    /// <param name="messages">Its turns.</param>
    /// <param name="addGenerationPrompt">End with the head of the assistant's turn, for the model to go on.</param>
    /// <param name="thinking">False ends that head with an empty <c>&lt;think&gt;</c> block (models that hide reasoning only).</param>
    public string Render(IReadOnlyList<Message> messages, bool addGenerationPrompt = true, bool thinking = true)
    {
        var text = new StringBuilder();
        if (DefaultSystem is not null && messages is [{ Role: not "system" }, ..])
            Turn(text, "system", DefaultSystem);
        int lastQuestion = messages.Count - 1;
        while (lastQuestion >= 0 && messages[lastQuestion].Role != "user")
            lastQuestion--;
        for (int i = 0; i < messages.Count; i++)
        {
            string content = string.Concat(messages[i].Content.Select(part => part.Text ?? ImageText));
            if (HidesReasoning && messages[i].Role == "assistant")
                content = Reasoned(content, afterQuestion: i > lastQuestion, last: i == messages.Count - 1);
            Turn(text, messages[i].Role, content);
        }
        if (addGenerationPrompt)
            text.Append("<|im_start|>assistant\n").Append(HidesReasoning && !thinking ? $"{ThinkStart}\n\n{ThinkEnd}\n\n" : "");
        return text.ToString();
    }

    private static void Turn(StringBuilder text, string role, string content) =>
        text.Append("<|im_start|>").Append(role).Append('\n').Append(content).Append("<|im_end|>\n");

    private static string Reasoned(string content, bool afterQuestion, bool last)
    {
        string reasoning = "", answer = content;
        if (content.Contains(ThinkEnd, StringComparison.Ordinal))
        {
            reasoning = content.Split(ThinkEnd)[0].TrimEnd('\n').Split(ThinkStart)[^1].TrimStart('\n');
            answer = content.Split(ThinkEnd)[^1].TrimStart('\n');
        }
        return afterQuestion && (last || reasoning.Length > 0) ? $"{ThinkStart}\n{reasoning.Trim('\n')}\n{ThinkEnd}\n\n{answer.TrimStart('\n')}" : answer;
    }
}
