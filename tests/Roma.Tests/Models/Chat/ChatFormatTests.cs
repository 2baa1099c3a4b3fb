using System.Text.Json;
using System.Text.Json.Nodes;
using Roma.Core;
using Roma.Models.Chat;

namespace Roma.Tests.Models.Chat;

public class ChatFormatTests
{
    [SkippableTheory]
    [Trait("Category", "Golden")]
    [MemberData(nameof(Golden.Files), "models", "*/cases/*/case.json", MemberType = typeof(Golden))]
    public void GoldenPromptsAreRenderedAlike(string relative)
    {
        string path = Golden.PathOf(relative);
        JsonNode expected = JsonNode.Parse(File.ReadAllText(path))!;
        JsonNode config = JsonNode.Parse(File.ReadAllText(Path.Combine(Path.GetDirectoryName(path)!, "../../checkpoint/config.json")))!;
        var format = ChatFormat.Of((string)config["architectures"]![0]!);
        Assert.Equal(expected["rendered_prompts"].Deserialize<string[]>(), expected["conversations"]!.AsArray().Select(conversation => format.Render(Messages(conversation!.AsArray()))));
    }

    [SkippableFact]
    [Trait("Category", "Golden")]
    public void GoldenChatsOfQwen3AreRenderedAlike()
    {
        JsonArray chats = JsonNode.Parse(File.ReadAllText(Golden.PathOf("tokenizer/chats_qwen3.json")))!.AsArray();
        Assert.NotEmpty(chats);
        Assert.All(chats, chat => Assert.Equal((string)chat!["rendered"]!,
            ChatFormat.Qwen3.Render(Messages(chat["messages"]!.AsArray()), (bool?)chat["add_generation_prompt"] ?? true, (bool?)chat["enable_thinking"] ?? true)));
    }

    [Fact]
    public void PicturesStandAtTheirPlaceholdersOrBeforeTheText()
    {
        Assert.Equal([Part.Image, Part.Image, new Part("Compare.")], Message.User("Compare.", 2).Content);
        Assert.Equal([new Part("Is "), Part.Image, new Part(" like "), Part.Image, new Part("?")], Message.User("Is <image> like <image>?", 2).Content);
        Assert.Equal([new Part("What does <image> mean in HTML?")], Message.User("What does <image> mean in HTML?", 0).Content);
        Assert.Throws<RomaException>(() => Message.User("Is <image> red?", 2));
    }

    [Fact]
    public void AnUnknownArchitectureIsAUsersFault() => Assert.Throws<RomaException>(() => ChatFormat.Of("Unheard"));

    internal static Message[] Messages(JsonArray conversation) => [.. conversation.Select(message => message!["content"] is JsonArray parts
        ? new Message((string)message["role"]!, [.. parts.Select(part => (string)part!["type"]! == "image" ? Part.Image : new Part((string)part["text"]!))])
        : new Message((string)message["role"]!, (string)message["content"]!))];

    internal static IEnumerable<string> ImagesOf(JsonArray conversation) => conversation.SelectMany(message => message!["content"] as JsonArray ?? [])
        .Where(part => (string)part!["type"]! == "image").Select(part => (string)part!["image"]!);
}
