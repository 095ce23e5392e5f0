"""The model and its tokenizer, built in code: nothing is downloaded."""

import string
from typing import Any

PAD, END, UNKNOWN = "<pad>", "<end>", "<unknown>"
CHARACTERS = string.ascii_letters + string.digits + " \n+-=.,:;?!'()"
"""76 characters; with the three special tokens the vocabulary has 79."""
PARAMETERS = 338_432


def make_tokenizer() -> Any:
    """A tokenizer with one token a character."""
    from tokenizers import Regex, Tokenizer, decoders, models, pre_tokenizers
    from transformers import PreTrainedTokenizerFast

    vocabulary = {token: number for number, token in enumerate([PAD, END, UNKNOWN, *CHARACTERS])}
    tokenizer = Tokenizer(models.WordLevel(vocabulary, unk_token=UNKNOWN))
    tokenizer.pre_tokenizer = pre_tokenizers.Split(Regex("[\\s\\S]"), "isolated")
    tokenizer.decoder = decoders.Fuse()
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, pad_token=PAD, eos_token=END, unk_token=UNKNOWN, padding_side="left"
    )


def make_model(seed: int) -> Any:
    """A Llama of two layers with random weights."""
    import torch
    from transformers import LlamaConfig, LlamaForCausalLM

    torch.manual_seed(seed)
    config = LlamaConfig(
        vocab_size=3 + len(CHARACTERS),
        hidden_size=128,
        intermediate_size=256,
        num_hidden_layers=2,
        num_attention_heads=4,
        max_position_embeddings=64,
        tie_word_embeddings=True,
        pad_token_id=0,
        bos_token_id=None,
        eos_token_id=1,
    )
    return LlamaForCausalLM(config)


def sample(model: Any, tokenizer: Any, prompts: list[str], new_tokens: int) -> list[str]:
    """One completion of each prompt, drawn from the model at temperature 1."""
    import torch

    inputs = tokenizer(prompts, return_tensors="pt", padding=True, return_token_type_ids=False)
    model.eval()
    with torch.no_grad():
        tokens = model.generate(
            **inputs, do_sample=True, temperature=1.0, top_k=0, top_p=1.0, max_new_tokens=new_tokens
        )
    model.train()
    completions = tokens[:, inputs["input_ids"].shape[1] :]
    texts: list[str] = tokenizer.batch_decode(completions, skip_special_tokens=True)
    return texts
