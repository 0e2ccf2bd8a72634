// Declarations only; see README.md.
using System;
using System.Collections.Generic;

namespace UnityEngine
{
    public class Object
    {
        public string name { get { throw null; } set { } }
        public static void Destroy(Object obj) { }
        public static T[] FindObjectsByType<T>(FindObjectsSortMode sortMode) where T : Object { throw null; }
        public static bool operator ==(Object x, Object y) { throw null; }
        public static bool operator !=(Object x, Object y) { throw null; }
        public override bool Equals(object other) { throw null; }
        public override int GetHashCode() { throw null; }
    }

    // Not used; these have names of our own core, and must not get in its way.
    public struct Pose { }
    public class Joint : Component { }

    public enum FindObjectsSortMode { None }

    public class Component : Object
    {
        public GameObject gameObject { get { throw null; } }
        public Transform transform { get { throw null; } }
        public T GetComponent<T>() { throw null; }
        public Component GetComponent(string type) { throw null; }
        public T GetComponentInChildren<T>() { throw null; }
        public T GetComponentInParent<T>() { throw null; }
        public T[] GetComponentsInChildren<T>(bool includeInactive) { throw null; }
    }

    public class Behaviour : Component { }

    public class MonoBehaviour : Behaviour { }

    public sealed class GameObject : Object
    {
        public GameObject(string name) { }
        public Transform transform { get { throw null; } }
        public T AddComponent<T>() where T : Component { throw null; }
        public T GetComponent<T>() { throw null; }
        public T GetComponentInChildren<T>() { throw null; }
        public T GetComponentInParent<T>() { throw null; }
        public T[] GetComponentsInChildren<T>(bool includeInactive) { throw null; }
        public void SetActive(bool value) { }
        public static GameObject CreatePrimitive(PrimitiveType type) { throw null; }
    }

    public enum PrimitiveType { Sphere }

    public class Transform : Component
    {
        public Transform parent { get { throw null; } set { } }
        public Vector3 position { get { throw null; } set { } }
        public Vector3 localPosition { get { throw null; } set { } }
        public Quaternion rotation { get { throw null; } set { } }
        public Quaternion localRotation { get { throw null; } set { } }
        public Vector3 InverseTransformPoint(Vector3 position) { throw null; }
        public Vector3 InverseTransformVector(Vector3 vector) { throw null; }
        public Vector3 TransformVector(Vector3 vector) { throw null; }
        public void SetParent(Transform parent, bool worldPositionStays) { }
        public void LookAt(Vector3 worldPosition) { }
    }

    public struct Vector3
    {
        public float x, y, z;
        public Vector3(float x, float y, float z) { this.x = x; this.y = y; this.z = z; }
        public static Vector3 zero { get { throw null; } }
        public static Vector3 operator +(Vector3 a, Vector3 b) { throw null; }
        public static Vector3 operator -(Vector3 a, Vector3 b) { throw null; }
        public static Vector3 operator *(Vector3 a, float d) { throw null; }
        public static Vector3 Lerp(Vector3 a, Vector3 b, float t) { throw null; }
    }

    public struct Quaternion
    {
        public float x, y, z, w;
        public Quaternion(float x, float y, float z, float w) { this.x = x; this.y = y; this.z = z; this.w = w; }
        public static Quaternion identity { get { throw null; } }
        public static Quaternion Slerp(Quaternion a, Quaternion b, float t) { throw null; }
        public static Quaternion operator *(Quaternion lhs, Quaternion rhs) { throw null; }
        public static Vector3 operator *(Quaternion rotation, Vector3 point) { throw null; }
    }

    public struct Rect
    {
        public Rect(float x, float y, float width, float height) { }
    }

    public static class Mathf
    {
        public static float Abs(float f) { throw null; }
        public static float Max(float a, float b) { throw null; }
        public static float Sin(float f) { throw null; }
        public static float Cos(float f) { throw null; }
    }

    public static class Time
    {
        public static float unscaledDeltaTime { get { throw null; } }
    }

    public static class Application
    {
        public static bool isPlaying { get { throw null; } }
        public static bool runInBackground { get { throw null; } set { } }
    }

    public class Renderer : Component
    {
        public Material material { get { throw null; } set { } }
        public Material sharedMaterial { get { throw null; } set { } }
    }

    public class Material : Object { }

    public class SkinnedMeshRenderer : Renderer
    {
        public Mesh sharedMesh { get { throw null; } set { } }
        public bool updateWhenOffscreen { get { throw null; } set { } }
        public void SetBlendShapeWeight(int index, float value) { }
    }

    public sealed class Mesh : Object
    {
        public Mesh() { }
        public int blendShapeCount { get { throw null; } }
        public Vector3[] vertices { get { throw null; } set { } }
        public int[] triangles { get { throw null; } set { } }
        public string GetBlendShapeName(int shapeIndex) { throw null; }
        public void AddBlendShapeFrame(string shapeName, float frameWeight, Vector3[] deltaVertices, Vector3[] deltaNormals, Vector3[] deltaTangents) { }
        public void RecalculateNormals() { }
        public void RecalculateBounds() { }
    }

    public class Animator : Behaviour
    {
        public Avatar avatar { get { throw null; } set { } }
        public bool isHuman { get { throw null; } }
        public RuntimeAnimatorController runtimeAnimatorController { get { throw null; } set { } }
        public Transform GetBoneTransform(HumanBodyBones humanBoneId) { throw null; }
    }

    public class RuntimeAnimatorController : Object { }

    public class Avatar : Object
    {
        public HumanDescription humanDescription { get { throw null; } }
    }

    public struct HumanDescription
    {
        public SkeletonBone[] skeleton;
    }

    public struct SkeletonBone
    {
        public string name;
        public Vector3 position;
        public Quaternion rotation;
    }

    public enum HumanBodyBones
    {
        Hips, LeftUpperLeg, RightUpperLeg, LeftLowerLeg, RightLowerLeg, LeftFoot, RightFoot, Spine, Chest, UpperChest, Neck, Head,
        LeftShoulder, RightShoulder, LeftUpperArm, RightUpperArm, LeftLowerArm, RightLowerArm, LeftHand, RightHand, LeftToes,
        RightToes, LeftEye, RightEye, Jaw,
    }

    public sealed class AudioClip : Object
    {
        public static AudioClip Create(string name, int lengthSamples, int channels, int frequency, bool stream) { throw null; }
        public bool SetData(float[] data, int offsetSamples) { throw null; }
    }

    public sealed class AudioSource : Behaviour
    {
        public AudioClip clip { get { throw null; } set { } }
        public bool loop { get { throw null; } set { } }
        public bool mute { get { throw null; } set { } }
        public float volume { get { throw null; } set { } }
        public void Play() { }
        public void Stop() { }
    }

    public sealed class AudioListener : Behaviour { }

    public class Camera : Behaviour
    {
        public static Camera main { get { throw null; } }
    }

    public static class AudioSettings
    {
        public delegate void AudioConfigurationChangeHandler(bool deviceWasChanged);
        public static event AudioConfigurationChangeHandler OnAudioConfigurationChanged { add { } remove { } }
        public static int outputSampleRate { get { throw null; } set { } }
        public static void GetDSPBufferSize(out int bufferLength, out int numBuffers) { throw null; }
    }

    [AttributeUsage(AttributeTargets.Field)]
    public sealed class SerializeField : Attribute { }

    [AttributeUsage(AttributeTargets.Field)]
    public class TooltipAttribute : Attribute
    {
        public TooltipAttribute(string tooltip) { }
    }

    [AttributeUsage(AttributeTargets.Field)]
    public sealed class RangeAttribute : Attribute
    {
        public RangeAttribute(float min, float max) { }
    }

    [AttributeUsage(AttributeTargets.Class)]
    public sealed class AddComponentMenu : Attribute
    {
        public AddComponentMenu(string menuName) { }
    }

    [AttributeUsage(AttributeTargets.Class)]
    public sealed class DefaultExecutionOrder : Attribute
    {
        public DefaultExecutionOrder(int order) { }
    }

    [AttributeUsage(AttributeTargets.Class)]
    public sealed class DisallowMultipleComponent : Attribute { }

    [AttributeUsage(AttributeTargets.Class)]
    public sealed class RequireComponent : Attribute
    {
        public RequireComponent(Type requiredComponent) { }
    }

    public class GUILayoutOption { }

    public static class GUILayout
    {
        public static bool Button(string text, params GUILayoutOption[] options) { throw null; }
        public static void Label(string text, params GUILayoutOption[] options) { }
        public static string TextField(string text, params GUILayoutOption[] options) { throw null; }
        public static void BeginArea(Rect screenRect) { }
        public static void EndArea() { }
        public static GUILayoutOption Width(float width) { throw null; }
    }
}
