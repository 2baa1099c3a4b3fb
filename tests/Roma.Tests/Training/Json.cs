using System.Reflection;
using System.Text.Json;
using Roma.Core;
using Roma.Training.Losses;
using static TorchSharp.torch;

namespace Roma.Tests.Training;

/// <summary>Numbers, tensors and variants from JSON.</summary>
internal static class Json
{
    /// <summary>All numbers (and booleans as 0 and 1) of a nested list, in order.</summary>
    public static double[] Values(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.Array => [.. element.EnumerateArray().SelectMany(Values)],
        JsonValueKind.True => [1],
        JsonValueKind.False => [0],
        _ => [element.GetDouble()],
    };

    public static Tensor Tensor(JsonElement element, ScalarType type)
    {
        List<long> shape = [];
        for (JsonElement inner = element; inner.ValueKind == JsonValueKind.Array; inner = inner[0])
            shape.Add(inner.GetArrayLength());
        return tensor(Values(element), shape.ToArray()).to(type);
    }

    public static T Enum<T>(JsonElement element) where T : struct, Enum =>
        System.Enum.GetValues<T>().Single(value => JsonNamingPolicy.SnakeCaseLower.ConvertName(value.ToString()) == element.GetString());

    /// <summary>The variant of that name, its constructor's parameters taken from the settings where they are there.</summary>
    public static T Named<T>(string name, JsonElement settings) => (T)Named(typeof(T), name, settings);

    public static IEnumerable<Type> Variants(Type contract) =>
        typeof(Objective).Assembly.GetTypes().Where(type => contract.IsAssignableFrom(type) && type.GetCustomAttribute<NameAttribute>() is not null);

    private static object Named(Type contract, string name, JsonElement settings)
    {
        Type type = Variants(contract).Single(type => type.GetCustomAttribute<NameAttribute>()!.Name == name);
        ConstructorInfo constructor = type.GetConstructors().MaxBy(constructor => constructor.GetParameters().Length)!;
        return constructor.Invoke([.. constructor.GetParameters().Select(parameter => Argument(parameter, settings))]);
    }

    private static object? Argument(ParameterInfo parameter, JsonElement settings)
    {
        if (!settings.TryGetProperty(JsonNamingPolicy.SnakeCaseLower.ConvertName(parameter.Name!), out JsonElement value))
            return parameter.DefaultValue;
        if (value.ValueKind == JsonValueKind.Number)
            return Convert.ChangeType(value.GetDouble(), Nullable.GetUnderlyingType(parameter.ParameterType) ?? parameter.ParameterType);
        return parameter.ParameterType.IsEnum ? System.Enum.Parse(parameter.ParameterType, value.GetString()!, ignoreCase: true)
            : parameter.ParameterType.IsInterface ? Named(parameter.ParameterType, value.GetString()!, settings)
            : parameter.DefaultValue;
    }
}
