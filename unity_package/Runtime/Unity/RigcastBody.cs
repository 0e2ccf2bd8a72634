using System;
using System.Collections.Generic;
using UnityEngine;

namespace Rigcast
{
    using Core;

    /// <summary>
    /// Turns the bones of a Humanoid. Poses are carried over by their difference from the avatar's T-pose, after the
    /// Animator has written its own animation.
    /// </summary>
    [AddComponentMenu("Rigcast/Rigcast Body")]
    [DefaultExecutionOrder(100)]
    public sealed class RigcastBody : MonoBehaviour
    {
        [Tooltip("Whose performance; empty takes the one on this object or above it.")]
        [SerializeField] RigcastClient _client;

        [Tooltip("The Humanoid; empty takes the first on this object or below it.")]
        [SerializeField] Animator _animator;

        [Tooltip("Turn the eyes' bones.")]
        [SerializeField] bool _eyes = true;

        [Tooltip("Move the hips; leave it off for a character that is moved by something else.")]
        [SerializeField] bool _moveHips = true;

        [Tooltip("How much of the performance is shown over the Animator's own animation.")]
        [Range(0, 1)] [SerializeField] float _weight = 1;

        readonly List<Transform> _bones = new List<Transform>();
        BodyMap _map;
        Rig _rig;
        int _hips = -1;
        float _hipsHeight;
        Vector3 _hipsRest;

        public RigcastClient Client
        {
            get { return _client; }
            set { _client = value; }
        }

        public Animator Animator
        {
            get { return _animator; }
            set { _animator = value; _rig = null; }
        }

        public float Weight
        {
            get { return _weight; }
            set { _weight = value; }
        }

        /// <summary>What became of the rig's joints; null before the first connection.</summary>
        public BodyMap Map
        {
            get { return _map; }
        }

        /// <summary>So many bones follow.</summary>
        public int Count
        {
            get { return _bones.Count; }
        }

        /// <summary>Find the bones anew, after the character changed.</summary>
        public void Rebind()
        {
            _rig = null;
        }

        void OnEnable()
        {
            if (_client == null) _client = GetComponentInParent<RigcastClient>();
            if (_animator == null) _animator = GetComponentInChildren<Animator>();
            _rig = null;
        }

        void LateUpdate()
        {
            if (_client == null || _client.Pose == null || _animator == null) return;
            if (_client.Rig != _rig) Bind(_client.Rig);
            Write(_client.Pose, _weight * Share());
        }

        /// <summary>Over an animation the performance comes and goes; without one its own rest stands in.</summary>
        float Share()
        {
            return _animator.runtimeAnimatorController == null ? 1 : _client.Presence;
        }

        void Bind(Rig rig)
        {
            _rig = rig;
            _bones.Clear();
            _hips = -1;
            var found = new List<BodyBone>();
            var rest = new TPose(_animator);
            foreach (var joint in rig.Joints)
            {
                var bone = BoneOf(joint.Name);
                if (bone == null) continue;
                if (joint.Name == "hips") BindHips(bone, rest);
                found.Add(new BodyBone { Joint = joint.Name, ParentRest = Of(rest.ParentOf(bone)), LocalRest = Of(rest.LocalOf(bone)) });
                _bones.Add(bone);
            }
            _map = new BodyMap(rig, found);
        }

        Transform BoneOf(string joint)
        {
            HumanBodyBones bone;
            if (!_animator.isHuman || !_eyes && joint.EndsWith("Eye")) return null;
            return Enum.TryParse(HumanoidNames.ToUnity(joint), out bone) ? _animator.GetBoneTransform(bone) : null;
        }

        void BindHips(Transform bone, TPose rest)
        {
            _hips = _bones.Count;
            _hipsRest = rest.PositionOf(bone);
            _hipsHeight = _animator.transform.InverseTransformPoint(bone.position).y;
        }

        void Write(Pose pose, float weight)
        {
            for (var i = 0; i < _bones.Count; i++)
            {
                if (_bones[i] == null) continue;
                var q = _map.Rotation(i, pose);
                var target = new Quaternion(q.X, q.Y, q.Z, q.W);
                _bones[i].localRotation = weight >= 1 ? target : Quaternion.Slerp(_bones[i].localRotation, target, weight);
            }
            if (_moveHips && _hips >= 0 && _bones[_hips] != null) MoveHips(pose, weight);
        }

        void MoveHips(Pose pose, float weight)
        {
            var offset = _map.HipsOffset(pose, _hipsHeight);
            var world = _animator.transform.TransformVector(new Vector3(offset.X, offset.Y, offset.Z));
            var target = _hipsRest + _bones[_hips].parent.InverseTransformVector(world);
            _bones[_hips].localPosition = weight >= 1 ? target : Vector3.Lerp(_bones[_hips].localPosition, target, weight);
        }

        static System.Numerics.Quaternion Of(Quaternion q)
        {
            return new System.Numerics.Quaternion(q.x, q.y, q.z, q.w);
        }
    }
}
